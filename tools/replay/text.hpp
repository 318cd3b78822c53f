// How the verbs print: JSON in one line, counted nouns, errors.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reprise {

using Json = nlohmann::ordered_json;

// Every byte sequence prints; what is not UTF-8 is shown as replaced.
inline void print_json(const Json& json) {
  fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// "1 run", "7 runs".
inline std::string counted(std::uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

// Without the field, which names an argument of a call.
inline std::string words_of(const Error& error) {
  return fmt::format("{}: {}", to_string(error.code), error.detail);
}

}  // namespace reprise
