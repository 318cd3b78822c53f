#include "workflows/schedule/schedule_plan.hpp"

#include <fmt/format.h>

#include "workflows/schedule/fire_times.hpp"

namespace reprise {
namespace {

constexpr Duration kTimeoutMax = std::chrono::days(3650);

Result<> check_duration(const std::string& text, Duration max, const char* field) {
  if (text.empty()) return {};
  const auto duration = parse_duration(text);
  if (duration && *duration <= max) return {};
  return fail(Errc::invalid_argument,
              fmt::format("must be a duration of at most {} days, like 90s, 15m or 2h",
                          std::chrono::duration_cast<std::chrono::days>(max).count()),
              field);
}

}  // namespace

Duration duration_of(const std::string& text, Duration otherwise) {
  return parse_duration(text).value_or(otherwise);
}

Result<> check(const SchedulePlan& plan) {
  const Result<FireTimes> times = FireTimes::of(plan.spec);
  if (!times) return std::unexpected(times.error());
  if (plan.action.type.empty())
    return fail(Errc::invalid_argument, "is missing: give the workflow type to start",
                "action.type");
  if (Result<> ok = check_duration(plan.catchup_window, kCatchupMax, "catchup_window"); !ok)
    return ok;
  if (Result<> ok = check_duration(plan.jitter, kJitterMax, "jitter"); !ok) return ok;
  if (Result<> ok = check_duration(plan.action.run_timeout, kTimeoutMax, "action.run_timeout"); !ok)
    return ok;
  return check_duration(plan.action.execution_timeout, kTimeoutMax, "action.execution_timeout");
}

}  // namespace reprise
