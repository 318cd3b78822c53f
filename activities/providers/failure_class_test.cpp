#include "activities/providers/failure_class.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>

namespace reprise {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

const UtcTime kNow = parse_rfc3339("1994-11-06T08:49:30Z").value();

struct StatusCase {
  int status;
  const char* body;
  const char* should_retry;  // the header; null: none
  const char* type;
  bool retryable;
};

class StatusTest : public ::testing::TestWithParam<StatusCase> {};

TEST_P(StatusTest, GivesItsTypeAndItsRetry) {
  HttpResponse response{.status = GetParam().status, .headers = {}, .body = GetParam().body};
  if (GetParam().should_retry != nullptr)
    response.headers = {{.name = "X-Should-Retry", .value = GetParam().should_retry}};
  const ActivityFailure failure = failure_of(response, kNow);
  EXPECT_EQ(failure.type, GetParam().type);
  EXPECT_EQ(failure.retryable, GetParam().retryable);
  EXPECT_THAT(failure.message, HasSubstr(std::to_string(GetParam().status)));
}

constexpr auto kQuota = R"({"error":{"message":"m","type":"t","code":"insufficient_quota"}})";
constexpr auto kContext = R"({"error":{"message":"m","code":"context_length_exceeded"}})";
constexpr auto kLongPrompt =
    R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8"}})";

INSTANTIATE_TEST_SUITE_P(FailureClass, StatusTest,
                         ::testing::Values(StatusCase{400, "{}", nullptr, "bad_request", false},
                                           StatusCase{400, kContext, nullptr, "too_large", false},
                                           StatusCase{400, kLongPrompt, nullptr, "too_large",
                                                      false},
                                           StatusCase{401, "{}", nullptr, "auth", false},
                                           StatusCase{401, "{}", "true", "auth", false},
                                           StatusCase{402, "{}", nullptr, "quota", false},
                                           StatusCase{403, "{}", nullptr, "auth", false},
                                           StatusCase{404, "{}", nullptr, "not_found", false},
                                           StatusCase{408, "", nullptr, "timeout", true},
                                           StatusCase{409, "", nullptr, "bad_request", true},
                                           StatusCase{413, "", nullptr, "too_large", false},
                                           StatusCase{422, "", nullptr, "bad_request", false},
                                           StatusCase{429, "{}", nullptr, "rate_limited", true},
                                           StatusCase{429, "{}", "false", "rate_limited", false},
                                           StatusCase{429, kQuota, nullptr, "quota", false},
                                           StatusCase{429, kQuota, "true", "quota", false},
                                           StatusCase{400, "{}", "true", "bad_request", true},
                                           StatusCase{500, "oops", nullptr, "server_error", true},
                                           StatusCase{500, "oops", "false", "server_error", false},
                                           StatusCase{502, "<html>", nullptr, "server_error", true},
                                           StatusCase{503, "", nullptr, "overloaded", true},
                                           StatusCase{504, "", nullptr, "timeout", true},
                                           StatusCase{529, "", nullptr, "overloaded", true},
                                           StatusCase{599, "", nullptr, "server_error", true},
                                           StatusCase{302, "", nullptr, "bad_reply", false}));

TEST(FailureClass, TheServersWordsAreQuoted) {
  const HttpResponse response{
      .status = 529,
      .headers = {},
      .body = R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"};
  EXPECT_EQ(failure_of(response, kNow).message, "HTTP 529 overloaded_error: Overloaded");
}

TEST(FailureClass, ARefusedKeyIsNotQuoted) {
  const HttpResponse response{
      .status = 401,
      .headers = {},
      .body = R"({"error":{"type":"t","message":"Incorrect API key provided: sk-12***89"}})"};
  EXPECT_EQ(failure_of(response, kNow).message, "HTTP 401 t: the API key is not accepted");
}

TEST(FailureClass, AnErrorBodyOfAnyShapeIsTaken) {
  for (const char* body : {"", "null", "[]", "{", "{\"error\":7}", "{\"error\":{\"message\":7}}",
                           "{\"error\":{\"type\":null}}", "\xff\xfe"})
    EXPECT_EQ(failure_of(HttpResponse{.status = 500, .headers = {}, .body = body}, kNow).type,
              "server_error")
        << body;
  EXPECT_THAT(
      failure_of(HttpResponse{.status = 500, .headers = {}, .body = R"({"error":"no"})"}, kNow)
          .message,
      HasSubstr("no"));
}

TEST(FailureClass, EachWayToHaveNoAnswerHasItsType) {
  using Kind = HttpFailure::Kind;
  const auto type_of = [](Kind kind) {
    const ActivityFailure failure = failure_of(HttpFailure{.kind = kind, .detail = "d"});
    return failure.type + (failure.retryable ? "" : ", final");
  };
  for (const Kind kind : {Kind::resolve, Kind::connect, Kind::tls, Kind::cut})
    EXPECT_EQ(type_of(kind), "network");
  EXPECT_EQ(type_of(Kind::timed_out), "timeout");
  EXPECT_EQ(type_of(Kind::too_large), "bad_reply");
  EXPECT_EQ(type_of(Kind::bad_reply), "bad_reply");
  EXPECT_EQ(type_of(Kind::cancelled), "cancelled");
  EXPECT_EQ(type_of(Kind::invalid), "bad_request, final");
}

struct DelayCase {
  HttpHeaders headers;
  std::optional<Duration> delay;
};

class DelayTest : public ::testing::TestWithParam<DelayCase> {};

TEST_P(DelayTest, IsReadFromTheHeaders) {
  EXPECT_EQ(retry_delay_of(GetParam().headers, kNow), GetParam().delay);
}

INSTANTIATE_TEST_SUITE_P(
    RetryDelay, DelayTest,
    ::testing::Values(DelayCase{{}, std::nullopt}, DelayCase{{{"retry-after", "3"}}, 3s},
                      DelayCase{{{"Retry-After", "0.25"}}, 250ms},
                      DelayCase{{{"retry-after-ms", "1500"}, {"retry-after", "9"}}, 1500ms},
                      DelayCase{{{"retry-after-ms", "1.5"}}, 1500us},
                      DelayCase{{{"retry-after-ms", "soon"}, {"retry-after", "9"}}, 9s},
                      DelayCase{{{"retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"}}, 7s},
                      DelayCase{{{"retry-after", "Sun, 06 Nov 1994 08:49:00 GMT"}}, 0s},
                      DelayCase{{{"retry-after", "Sun, 06 Nov 2094 08:49:37 GMT"}}, kRetryDelayMax},
                      DelayCase{{{"retry-after", "999999999999"}}, kRetryDelayMax},
                      DelayCase{{{"retry-after", "-1"}}, std::nullopt},
                      DelayCase{{{"retry-after", "nan"}}, std::nullopt},
                      DelayCase{{{"retry-after", "inf"}}, std::nullopt},
                      DelayCase{{{"retry-after", ""}}, std::nullopt},
                      DelayCase{{{"retry-after", "3 s"}}, std::nullopt},
                      DelayCase{{{"retry-after", "Sun, 31 Feb 1994 08:49:37 GMT"}}, std::nullopt},
                      DelayCase{{{"retry-after", "Sun, 06 Nov 1994 08:49:37 UTC"}}, std::nullopt}));

RC_GTEST_PROP(RetryDelay, MillisecondsAndSecondsComeBackExactly, ()) {
  const auto ms = *rc::gen::inRange<std::int64_t>(0, 3'600'000);
  const Duration delay = std::chrono::milliseconds(ms);
  RC_ASSERT(retry_delay_of({{"retry-after-ms", std::to_string(ms)}}, kNow) == delay);
  const std::string whole = std::to_string(ms / 1000);
  RC_ASSERT(retry_delay_of({{"retry-after", whole}}, kNow) == std::chrono::seconds(ms / 1000));
}

RC_GTEST_PROP(RetryDelay, ADateComesBackToTheSecond, ()) {
  using namespace std::chrono;
  const auto after_s = *rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000);
  const UtcTime then = kNow + seconds(after_s);
  const sys_time<microseconds> point{microseconds(then.micros())};
  const auto midnight = floor<days>(point);
  const year_month_day date{midnight};
  const hh_mm_ss clock{floor<seconds>(point - midnight)};
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string text =
      fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(midnight).c_encoding()],
                  static_cast<unsigned>(date.day()),
                  kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  RC_ASSERT(parse_http_date(text) == then);
  const Duration wanted = std::clamp<Duration>(seconds(after_s), Duration::zero(), kRetryDelayMax);
  RC_ASSERT(retry_delay_of({{"retry-after", text}}, kNow) == wanted);
}

RC_GTEST_PROP(RetryDelay, AnyTextGivesNothingOrADelayWithinItsBounds, ()) {
  const auto like_a_number =
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789.eE+-x ")));
  const std::string text = *rc::gen::oneOf(like_a_number, rc::gen::arbitrary<std::string>());
  for (const char* name : {"retry-after", "retry-after-ms"}) {
    const Duration delay = retry_delay_of({{name, text}}, kNow).value_or(Duration::zero());
    RC_ASSERT(delay >= Duration::zero());
    RC_ASSERT(delay <= kRetryDelayMax);
  }
}

}  // namespace
}  // namespace reprise
