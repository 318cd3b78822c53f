#include "activities/net/http_message.hpp"

#include <algorithm>

namespace reprise {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

const std::string* find_header(const HttpHeaders& headers, std::string_view name) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  const auto found = std::ranges::find_if(headers, [&](const HttpHeader& header) {
    return std::ranges::equal(header.name, name, same);
  });
  return found == headers.end() ? nullptr : &found->value;
}

}  // namespace reprise
