#include "engine/core/attempt_token.hpp"

#include <fmt/format.h>

#include <charconv>

namespace reprise {
namespace {

// The text up to the next point, which goes with it.
std::optional<std::string_view> next_part(std::string_view& rest) {
  const std::size_t point = rest.find('.');
  if (point == std::string_view::npos) return std::nullopt;
  const std::string_view part = rest.substr(0, point);
  rest.remove_prefix(point + 1);
  return part;
}

template <typename Number>
bool read(std::optional<std::string_view> text, Number& number, int base) {
  if (!text) return false;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number, base);
  return error == std::errc{} && stop == end;
}

}  // namespace

std::optional<AttemptToken> AttemptToken::parse(std::string_view text) {
  std::string_view rest = text;
  AttemptToken token;
  std::uint32_t command = 0;
  std::uint32_t attempt = 0;
  if (!read(next_part(rest), token.epoch, 16)) return std::nullopt;
  const auto run = parse_run_id(next_part(rest).value_or(""));
  if (!run || !read(next_part(rest), command, 10) || !read(next_part(rest), attempt, 10))
    return std::nullopt;
  const auto workflow = WorkflowId::parse(rest);
  if (!workflow) return std::nullopt;
  token.workflow = *workflow;
  token.key = {*run, CommandId(command), Attempt(attempt)};
  if (to_string(token) != text) return std::nullopt;  // another way to write the same
  return token;
}

std::string to_string(const AttemptToken& token) {
  return fmt::format("{:016x}.{}.{}.{}.{}", token.epoch, token.key.run, token.key.command,
                     token.key.attempt, token.workflow);
}

}  // namespace reprise
