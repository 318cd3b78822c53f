#include "base/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Log : public ::testing::Test {
 protected:
  ~Log() override { set_log(LogLevel::info, LogFormat::text); }
  static std::string line_of(LogFormat format, LogFields fields) {
    set_log(LogLevel::info, format);
    ::testing::internal::CaptureStderr();
    log_info("event", fields);
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(Log, TextIsTimeLevelEventAndFields) {
  const std::string line = line_of(LogFormat::text, {{"runs", 3}, {"ready", true}, {"at", "a:1"}});
  EXPECT_THAT(line, EndsWith("Z info    event runs=3 ready=true at=a:1\n"));
}

TEST_F(Log, JsonIsOneObject) {
  const std::string line = line_of(LogFormat::json, {{"runs", 3}, {"name", "a \"b\""}});
  EXPECT_THAT(line, StartsWith("{\"time\":\""));
  EXPECT_THAT(line, EndsWith("\"level\":\"info\",\"event\":\"event\",\"runs\":3,"
                             "\"name\":\"a \\\"b\\\"\"}\n"));
}

TEST_F(Log, InputCannotForgeALineOrAField) {
  const std::string forged = "x\n2026-01-01T00:00:00.000Z error fake\r\x1b[31m\x7f key=value";
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const std::string line = line_of(format, {{"input", forged}});
    EXPECT_EQ(std::ranges::count(line, '\n'), 1) << line;
    EXPECT_THAT(line, Not(HasSubstr("\r")));
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
    EXPECT_THAT(line, Not(HasSubstr("\x7f")));
    EXPECT_THAT(line, HasSubstr("\"x\\n2026"));
  }
}

TEST_F(Log, ABraceInInputIsNoFormat) {
  EXPECT_THAT(line_of(LogFormat::text, {{"input", "{} {0} %s"}}), HasSubstr("{} {0} %s"));
}

TEST_F(Log, JsonHasNoNumberThatJsonLacks) {
  const std::string line =
      line_of(LogFormat::json, {{"nan", 0.0 / 0.0}, {"inf", 1e308 * 10}, {"half", 0.5}});
  EXPECT_THAT(line, EndsWith("\"nan\":null,\"inf\":null,\"half\":0.5}\n"));
}

TEST_F(Log, LinesBelowTheLevelAreNotWritten) {
  set_log(LogLevel::error, LogFormat::text);
  ::testing::internal::CaptureStderr();
  log_warning("quiet");
  log_error("loud");
  const std::string lines = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(lines, Not(HasSubstr("quiet")));
  EXPECT_THAT(lines, HasSubstr("loud"));
}

}  // namespace
}  // namespace reprise
