#include "activities/contracts/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace reprise {
namespace {

// Reads one small object with at most one member, front to back.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool accept(char c) {
    skip_space();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // The text between two quotes; no escapes.
  bool key(std::string_view& out) {
    if (!accept('"')) return false;
    const std::size_t end = rest_.find_first_of("\"\\");
    if (end == std::string_view::npos || rest_[end] != '"') return false;
    out = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }
  // Digits only, no leading zero.
  bool number(std::uint64_t& out) {
    skip_space();
    const char* const end = rest_.data() + rest_.size();
    const auto [stop, error] = std::from_chars(rest_.data(), end, out);
    const auto length = static_cast<std::size_t>(stop - rest_.data());
    if (error != std::errc{} || (length > 1 && rest_.front() == '0')) return false;
    rest_.remove_prefix(length);
    return true;
  }
  bool at_end() {
    skip_space();
    return rest_.empty();
  }

 private:
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  std::string_view rest_;
};

// The one member that an object may have.
struct Field {
  std::string_view key;
  std::uint32_t* value;
  std::uint32_t min = 0;
  std::uint32_t max = UINT32_MAX;
  bool required = true;
};

std::unexpected<Error> not_understood(const Field& field) {
  return fail(Errc::invalid_argument,
              fmt::format("must be {{\"{}\":<whole number>}} and nothing else", field.key),
              std::string(field.key));
}

Result<> decode_number(const Payload& payload, const Field& field) {
  Scanner scan(payload.bytes);
  if (!scan.accept('{')) return not_understood(field);
  if (scan.accept('}')) {
    if (!field.required && scan.at_end()) return {};
    return fail(Errc::invalid_argument,
                fmt::format("is missing: give {} to {}", field.min, field.max),
                std::string(field.key));
  }
  std::string_view key;
  std::uint64_t number = 0;
  if (!scan.key(key)) return not_understood(field);
  if (key != field.key)
    return fail(Errc::invalid_argument, fmt::format("is not known: use {}", field.key),
                std::string(key));
  if (!scan.accept(':') || !scan.number(number) || !scan.accept('}') || !scan.at_end())
    return not_understood(field);
  if (number < field.min || number > field.max)
    return fail(Errc::invalid_argument,
                fmt::format("is {}: give {} to {}", number, field.min, field.max),
                std::string(field.key));
  *field.value = static_cast<std::uint32_t>(number);
  return {};
}

Payload encode_number(std::string_view key, std::uint32_t value) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  Payload payload{"{\""};
  payload.bytes.append(key).append("\":").append(digits.data(), end) += '}';
  return payload;
}

}  // namespace

Payload encode(const BenchIndex& value) { return encode_number("i", value.i); }
Payload encode(const ChainInput& value) { return encode_number("n", value.n); }
Payload encode(const FanoutInput& value) { return encode_number("n", value.n); }
Payload encode(const SleeperInput& value) { return encode_number("ms", value.ms); }
Payload encode(const SignalsInput& value) {
  return value.count == 0 ? Payload{"{}"} : encode_number("count", value.count);
}

Payload encode(const Amount& value) { return encode_number("cents", value.cents); }
Payload encode(const FamilyInput& value) { return encode_number("children", value.children); }

Result<> decode(const Payload& payload, Amount& value) {
  return decode_number(payload, {.key = "cents", .value = &value.cents});
}
Result<> decode(const Payload& payload, FamilyInput& value) {
  return decode_number(payload,
                       {.key = "children", .value = &value.children, .min = 1, .max = value.kMax});
}

Result<> decode(const Payload& payload, BenchIndex& value) {
  return decode_number(payload, {.key = "i", .value = &value.i});
}
Result<> decode(const Payload& payload, ChainInput& value) {
  return decode_number(payload, {.key = "n", .value = &value.n, .min = 1, .max = value.kMax});
}
Result<> decode(const Payload& payload, FanoutInput& value) {
  return decode_number(payload, {.key = "n", .value = &value.n, .min = 1, .max = value.kMax});
}
Result<> decode(const Payload& payload, SleeperInput& value) {
  return decode_number(payload, {.key = "ms", .value = &value.ms, .max = value.kMax});
}
Result<> decode(const Payload& payload, SignalsInput& value) {
  if (payload.bytes.empty()) return {};
  return decode_number(payload,
                       {.key = "count", .value = &value.count, .min = 1, .required = false});
}

}  // namespace reprise
