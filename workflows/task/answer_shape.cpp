#include "workflows/task/answer_shape.hpp"

#include <fmt/format.h>

#include <optional>

namespace reprise {
namespace {

// Chatter may hold braces of its own; this many are looked at.
constexpr int kCandidatesMax = 20;

// The text from '{' to the '}' that closes it; nothing when it stays open.
std::optional<std::string_view> balanced(std::string_view text) {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return text.substr(0, i + 1);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<std::string_view> find_json_object(std::string_view text) {
  std::optional<Error> first_problem;
  std::size_t start = text.find('{');
  for (int tried = 0; start != std::string_view::npos && tried < kCandidatesMax; ++tried) {
    const auto candidate = balanced(text.substr(start));
    if (candidate) {
      const Result<JsonValue> parsed = parse_json(*candidate, {.depth_max = 32});
      if (parsed && !parsed->members.empty()) return *candidate;
      if (!parsed && !first_problem) first_problem = parsed.error();
      start = text.find('{', start + (parsed ? candidate->size() : 1));
    } else {
      if (!first_problem)
        first_problem = Error{
            .code = Errc::invalid_argument,
            .detail = fmt::format("the JSON object that starts at byte {} does not end", start),
            .field = {}};
      start = text.find('{', start + 1);
    }
  }
  if (first_problem) return std::unexpected(std::move(*first_problem));
  return fail(Errc::invalid_argument, "there is no JSON object in the answer");
}

std::string problem_of(const Error& error) {
  return error.field.empty() ? error.detail : error.field + ": " + error.detail;
}

}  // namespace reprise
