#include "base/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kYear9999 = 253'402'300'799'999'999;

std::optional<std::int64_t> micros_of(std::string_view text) {
  const auto time = parse_rfc3339(text);
  return time ? std::optional(time->micros()) : std::nullopt;
}

RC_GTEST_PROP(Rfc3339, ComesBackToTheMillisecond, ()) {
  const auto micros = *rc::gen::inRange<std::int64_t>(0, kYear9999);
  const auto back = parse_rfc3339(to_rfc3339(UtcTime::from_micros(micros)));
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->micros() == micros / 1000 * 1000);
}

RC_GTEST_PROP(Rfc3339, SortsAsTimeDoes, ()) {
  const auto a = *rc::gen::inRange<std::int64_t>(0, kYear9999) / 1000;
  const auto b = *rc::gen::inRange<std::int64_t>(0, kYear9999) / 1000;
  RC_ASSERT((to_rfc3339(UtcTime::from_micros(a * 1000)) <
             to_rfc3339(UtcTime::from_micros(b * 1000))) == (a < b));
}

TEST(Rfc3339, IsWrittenInUtcWithMilliseconds) {
  EXPECT_EQ(to_rfc3339(UtcTime()), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(UtcTime::from_micros(1'706'745'599'123'999)), "2024-01-31T23:59:59.123Z");
  EXPECT_EQ(to_rfc3339(UtcTime::from_micros(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Rfc3339, HoldsTheYearsZeroTo9999) {
  EXPECT_EQ(to_rfc3339(UtcTime::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(UtcTime::from_micros(INT64_MIN)), "0000-01-01T00:00:00.000Z");
}

TEST(Rfc3339, ReadsFractionsOffsetsAndLowerCase) {
  const std::int64_t noon = 1'709'208'000'000'000;  // 2024-02-29T12:00:00Z
  EXPECT_EQ(micros_of("2024-02-29T12:00:00Z"), noon);
  EXPECT_EQ(micros_of("2024-02-29t12:00:00z"), noon);
  EXPECT_EQ(micros_of("2024-02-29T12:00:00.5Z"), noon + 500'000);
  EXPECT_EQ(micros_of("2024-02-29T12:00:00.123456789Z"), noon + 123'456);
  EXPECT_EQ(micros_of("2024-02-29T14:00:00+02:00"), noon);
  EXPECT_EQ(micros_of("2024-02-29T06:30:00-05:30"), noon);
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "2024",
                           "2024-02-30T00:00:00Z",
                           "2023-02-29T00:00:00Z",
                           "2024-13-01T00:00:00Z",
                           "2024-00-01T00:00:00Z",
                           "2024-01-00T00:00:00Z",
                           "2024-01-01T24:00:00Z",
                           "2024-01-01T00:60:00Z",
                           "2024-01-01T00:00:61Z",
                           "2024-01-01T00:00:00",
                           "2024-1-01T00:00:00Z",
                           "2024-01-01T00:00:00.Z",
                           "2024-01-01T00:00:00.1234567890Z",
                           "2024-01-01T00:00:00+2:00",
                           "2024-01-01T00:00:00+24:00",
                           "2024-01-01T00:00:00+02:60",
                           "2024-01-01T00:00:00ZZ",
                           "2024-01-01T-1:00:00Z",
                           "2024-01-01T-0:00:00Z",
                           "2024-01-01T+1:00:00Z",
                           " 2024-01-01T00:00:00Z",
                           "x"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(ParseDuration, ReadsOneNumberAndOneUnit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("7d"), 168h);
  EXPECT_EQ(parse_duration("10us"), 10us);
  EXPECT_EQ(parse_duration("0s"), 0s);
  EXPECT_EQ(parse_duration("0.3s"), 300ms);
  EXPECT_EQ(parse_duration("1.001ms"), 1001us) << "not a microsecond less by rounding";
}

TEST(ParseDuration, RefusesTheRest) {
  for (const char* text : {"", "s", "1", "1 s", " 1s", "1s ", "-1s", "+1s", "1s1s", "1w", "nan s",
                           "nans", "infs", "inf", "1e400s", "1e9h", "-0s"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(UtcTime, NeverStaysNever) {
  EXPECT_EQ(UtcTime::max() + 1us, UtcTime::max());
  EXPECT_EQ(UtcTime::from_micros(5) + Duration::max(), UtcTime::max());
  EXPECT_EQ(SteadyTime::max() + 1h, SteadyTime::max());
  EXPECT_EQ(UtcTime::from_micros(5) + (-3us), UtcTime::from_micros(2));
  EXPECT_EQ(UtcTime::from_micros(-5) + Duration::max(), UtcTime::from_micros(INT64_MAX - 5));
}

TEST(SystemClock, TellsTheTimeOfThisCenturyAndNeverGoesBack) {
  EXPECT_GT(system_clock().utc(), *parse_rfc3339("2025-01-01T00:00:00Z"));
  const SteadyTime before = system_clock().steady();
  EXPECT_GE(system_clock().steady(), before);
}

}  // namespace
}  // namespace reprise
