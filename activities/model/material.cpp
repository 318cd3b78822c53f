#include "activities/model/material.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"

namespace reprise {

std::string material(std::string_view name, std::string_view text) {
  if (text.empty()) return {};
  std::string mark = to_hex(digest_of(text)).substr(0, 16);
  // A text that contains its own digest was made to: digest the digest until it does not.
  while (text.find(mark) != std::string_view::npos) mark = to_hex(digest_of(mark)).substr(0, 16);
  return fmt::format("<material name=\"{}\" mark=\"{}\">\n{}\n</material mark=\"{}\">\n\n", name,
                     mark, text, mark);
}

}  // namespace reprise
