#include "workflows/schedule/schedule_updates.hpp"

#include <fmt/format.h>

#include "activities/contracts/utf8.hpp"

namespace reprise {
namespace {

constexpr std::size_t kShownBytesMax = 40;

Result<UtcTime> time_of(const std::string& text, const char* field) {
  const auto time = parse_rfc3339(text);
  if (time && *time > UtcTime()) return *time;
  return fail(Errc::invalid_argument, "must be a time like 2026-11-21T12:00:00Z", field);
}

}  // namespace

Result<> decode(const Payload& payload, ScheduleQuestion& input) {
  input = ScheduleQuestion{};
  if (payload.bytes.empty()) return {};
  return read_json(payload.bytes, JsonReader::Mode::strict, input);
}

Result<std::optional<Overlap>> overlap_of(const std::string& name) {
  if (name.empty()) return std::nullopt;
  std::string names;
  for (const auto& entry : enum_names(Overlap())) {
    if (entry.name == name) return entry.value;
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  return fail(Errc::invalid_argument,
              fmt::format("is \"{}\": use one of {}", utf8_cut(name, kShownBytesMax), names),
              "overlap");
}

Result<BackfillRange> range_of(const BackfillInput& input) {
  const Result<UtcTime> from = time_of(input.from, "from");
  if (!from) return std::unexpected(from.error());
  const Result<UtcTime> to = time_of(input.to, "to");
  if (!to) return std::unexpected(to.error());
  const auto overlap = overlap_of(input.overlap);
  if (!overlap) return std::unexpected(overlap.error());
  const Overlap policy = overlap->value_or(Overlap::buffer_all);
  if (policy != Overlap::buffer_all && policy != Overlap::allow_all)
    return fail(Errc::invalid_argument,
                "must be buffer_all (one after the other) or allow_all (at once) in a backfill",
                "overlap");
  return BackfillRange{*from, *to, policy};
}

}  // namespace reprise
