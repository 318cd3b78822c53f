// Strong ids: a run is not a workflow id is not a sequence, and the compiler knows.
//
// Guarantees: explicit in both directions; ordered; hashable. RunId sorts by its time of birth.
// Units:      Sequence is 1-based and dense within a run; 0 means "before the first event".
//             CommandId is 1-based and dense in issue order within a run. Attempt is 1-based.
#pragma once

#include <fmt/format.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace reprise {

// A number with a meaning. Tag makes each instantiation a type of its own.
template <typename Tag, typename Number>
class StrongNumber {
 public:
  using Value = Number;
  constexpr StrongNumber() = default;
  constexpr explicit StrongNumber(Number value) : value_(value) {}
  [[nodiscard]] constexpr Number value() const { return value_; }
  [[nodiscard]] constexpr StrongNumber next() const {
    return StrongNumber(static_cast<Number>(value_ + 1));
  }
  friend constexpr auto operator<=>(StrongNumber, StrongNumber) = default;

 private:
  Number value_ = 0;
};

using Sequence = StrongNumber<struct SequenceTag, std::uint64_t>;
using CommandId = StrongNumber<struct CommandIdTag, std::uint32_t>;
using Attempt = StrongNumber<struct AttemptTag, std::uint32_t>;
using ShardIndex = StrongNumber<struct ShardIndexTag, std::uint16_t>;
using GroupNumber = StrongNumber<struct GroupNumberTag, std::uint64_t>;
using BatchNumber = StrongNumber<struct BatchNumberTag, std::uint64_t>;

// A 128-bit id: 48 bits of milliseconds, then 80 random bits, so that ids sort by time.
class RunId {
 public:
  static constexpr std::size_t kBytes = 16;
  constexpr RunId() = default;
  static RunId make(UtcTime born, std::uint64_t random_high, std::uint64_t random_low);
  // `bytes` must be 16 long.
  static RunId from_bytes(std::string_view bytes);
  [[nodiscard]] std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), kBytes};
  }
  [[nodiscard]] bool empty() const { return *this == RunId(); }
  [[nodiscard]] UtcTime born() const;  // to the millisecond
  friend auto operator<=>(const RunId&, const RunId&) = default;

 private:
  std::array<unsigned char, kBytes> bytes_{};
};

// 26 lower-case characters of Crockford's base 32, which sort as the bytes do.
std::string to_base32(std::string_view sixteen_bytes);
std::optional<std::array<unsigned char, RunId::kBytes>> from_base32(std::string_view text);

// "run_01j9z…": the prefix and 26 characters.
std::string to_string(const RunId& id);
std::optional<RunId> parse_run_id(std::string_view text);

// What a user calls a workflow: 1 to 255 bytes of printable ASCII without space and / ? # % " \ < >,
// so that it stands in a URL as it is.
class WorkflowId {
 public:
  static constexpr std::size_t kBytesMax = 255;
  WorkflowId() = default;
  explicit WorkflowId(std::string text) : text_(std::move(text)) {}
  // Nothing when the text breaks the rule above.
  static std::optional<WorkflowId> parse(std::string_view text);
  [[nodiscard]] const std::string& text() const { return text_; }
  friend auto operator<=>(const WorkflowId&, const WorkflowId&) = default;

 private:
  std::string text_;
};

}  // namespace reprise

template <typename Tag, typename Number>
struct std::hash<reprise::StrongNumber<Tag, Number>> {
  std::size_t operator()(reprise::StrongNumber<Tag, Number> id) const noexcept {
    return std::hash<Number>{}(id.value());
  }
};

template <>
struct std::hash<reprise::RunId> {
  // The tail is random already.
  std::size_t operator()(const reprise::RunId& id) const noexcept {
    std::uint64_t tail = 0;
    std::memcpy(&tail, id.bytes().data() + 8, sizeof tail);
    return static_cast<std::size_t>(tail);
  }
};

template <>
struct std::hash<reprise::WorkflowId> {
  std::size_t operator()(const reprise::WorkflowId& id) const noexcept {
    return std::hash<std::string>{}(id.text());
  }
};

template <typename Tag, typename Number>
struct fmt::formatter<reprise::StrongNumber<Tag, Number>> : fmt::formatter<Number> {
  template <typename FormatContext>
  auto format(reprise::StrongNumber<Tag, Number> id, FormatContext& context) const {
    return fmt::formatter<Number>::format(id.value(), context);
  }
};

template <>
struct fmt::formatter<reprise::RunId> : fmt::formatter<std::string> {
  template <typename FormatContext>
  auto format(const reprise::RunId& id, FormatContext& context) const {
    return fmt::formatter<std::string>::format(reprise::to_string(id), context);
  }
};

template <>
struct fmt::formatter<reprise::WorkflowId> : fmt::formatter<std::string> {
  template <typename FormatContext>
  auto format(const reprise::WorkflowId& id, FormatContext& context) const {
    return fmt::formatter<std::string>::format(id.text(), context);
  }
};
