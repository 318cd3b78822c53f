#include "tools/reprise/command_line.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace reprise::cli {
namespace {

using std::chrono::seconds;

template <typename V>
V verb_of(std::vector<std::string> arguments) {
  auto line = read_command_line(std::move(arguments));
  EXPECT_TRUE(line.has_value());
  EXPECT_TRUE(line && std::holds_alternative<V>(line->verb));
  return line && std::holds_alternative<V>(line->verb) ? std::get<V>(line->verb) : V{};
}

struct Refusal {
  ExitCode code;
  std::string words;
};

Refusal words_against(std::vector<std::string> arguments) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  auto line = read_command_line(std::move(arguments));
  testing::internal::GetCapturedStdout();
  return {line ? ExitCode::failed : line.error(), testing::internal::GetCapturedStderr()};
}

ExitCode refusal_of(std::vector<std::string> arguments) {
  return words_against(std::move(arguments)).code;
}

void expect_usage_error(std::vector<std::string> arguments, const std::string& first_line) {
  const Refusal refusal = words_against(std::move(arguments));
  EXPECT_EQ(refusal.code, ExitCode::usage) << first_line;
  EXPECT_EQ(refusal.words.substr(0, refusal.words.find('\n')), first_line);
}

TEST(CommandLine, WaitAloneDoesNotSwallowTheText) {
  const auto add = verb_of<AddTask>({"add", "--wait", "compare three databases"});
  EXPECT_EQ(add.text, "compare three databases");
  EXPECT_EQ(add.wait, kForever);
}

TEST(CommandLine, WaitTakesADurationWithOrWithoutTheEqualsSign) {
  EXPECT_EQ(verb_of<ShowTaskResult>({"result", "task_1", "--wait", "30s"}).wait, seconds(30));
  EXPECT_EQ(verb_of<ShowTaskResult>({"result", "--wait=2m", "task_1"}).wait, seconds(120));
  EXPECT_EQ(verb_of<ShowTaskResult>({"result", "task_1"}).wait, std::nullopt);
}

TEST(CommandLine, WaitThatIsNoDurationIsAUsageError) {
  EXPECT_EQ(refusal_of({"result", "task_1", "--wait=soon"}), ExitCode::usage);
}

TEST(CommandLine, WhatIsMeantAsATimeToWaitIsNeverTakenForTheText) {
  for (const std::string time : {"99999999h", "30", "-5s", ""})
    EXPECT_EQ(refusal_of({"add", "--wait", time}), ExitCode::usage) << time;
  EXPECT_EQ(verb_of<AddTask>({"add", "--wait", "2 hours of work"}).text, "2 hours of work");
  EXPECT_EQ(verb_of<AddTask>({"add", "--wait", "--", "30"}).text, "30");
}

TEST(CommandLine, AnEmptyValueIsAUsageErrorThatNamesTheOption) {
  expect_usage_error({"add", "x", "--id-key", ""}, "--id-key: must not be empty");
  expect_usage_error({"add", "x", "--title", ""}, "--title: must not be empty");
  expect_usage_error({"serve", "--data", ""}, "--data: must not be empty");
  expect_usage_error({"workflow", "start", "t", "--id", ""}, "--id: must not be empty");
  expect_usage_error({"show", ""}, "id: must not be empty");
  expect_usage_error({"status", ""}, "id: must not be empty");
}

TEST(CommandLine, AnEmptyValueBehindAnEqualsSignDoesNotTakeTheNextWord) {
  expect_usage_error({"add", "--title=", "x"}, "--title: must not be empty");
  expect_usage_error({"result", "task_1", "--wait="}, "--wait: must not be empty");
}

TEST(CommandLine, AValueThatIsNoUtf8IsAUsageError) {
  expect_usage_error({"add", "\xC3\x28"}, "text: must be UTF-8");
  expect_usage_error({"cancel", "task_1", "--reason", "caf\xe9"}, "--reason: must be UTF-8");
}

TEST(CommandLine, AHistoryBehindANegativeNumberIsAUsageError) {
  EXPECT_EQ(refusal_of({"workflow", "history", "w", "--after", "-1"}), ExitCode::usage);
  EXPECT_EQ(verb_of<ShowHistory>({"workflow", "history", "w", "--after", "7"}).after, 7U);
}

TEST(CommandLine, AVerbThatIsNoneIsAUsageErrorThatNamesTheOthers) {
  const std::string words =
      "\"bogus\" is no verb of workflow: use one of start, signal, update, terminate, pause, "
      "unpause, cancel, list, describe, history, query, result, reset, delete";
  expect_usage_error({"workflow", "bogus"}, words);
  expect_usage_error({"workflow", "--url", "http://127.0.0.1:1", "bogus", "x"}, words);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"bogus"}, {"--url", "http://127.0.0.1:1", "bogus"}}) {
    const Refusal refusal = words_against(arguments);
    EXPECT_EQ(refusal.code, ExitCode::usage);
    EXPECT_TRUE(refusal.words.starts_with("\"bogus\" is no verb of reprise: use one of serve, add"))
        << refusal.words;
  }
}

TEST(CommandLine, AWordThatIsNoneOfAChoiceIsToldAllOfThem) {
  expect_usage_error({"serve", "--log-level", "x"},
                     "--log-level: \"x\" is none of debug, info, warning, error, off");
  expect_usage_error({"tasks", "--output", "xml"}, "--output: \"xml\" is none of text, json");
  expect_usage_error({"approve", "task_1", "--decision", "maybe"},
                     "--decision: \"maybe\" is none of accept, retry, reject");
}

TEST(CommandLine, WordsOfAChoiceBecomeItsValue) {
  EXPECT_EQ(verb_of<Serve>({"serve", "--log-level", "error"}).log_level, LogLevel::error);
  EXPECT_EQ(verb_of<Serve>({"serve", "--log-format", "json"}).log_format, LogFormat::json);
  EXPECT_EQ(refusal_of({"serve", "--log-level", "loud"}), ExitCode::usage);
}

TEST(CommandLine, OptionsOfTheClientMayStandBehindTheVerb) {
  auto line = read_command_line({"tasks", "--output", "json", "--url", "http://127.0.0.1:9"});
  ASSERT_TRUE(line.has_value());
  EXPECT_TRUE(line->json);
  EXPECT_EQ(line->url, "http://127.0.0.1:9");
}

TEST(CommandLine, TheUrlComesFromTheEnvironmentUnlessGiven) {
  ASSERT_EQ(setenv("REPRISE_URL", "http://127.0.0.1:7777", 1), 0);
  EXPECT_EQ(read_command_line({"status"})->url, "http://127.0.0.1:7777");
  EXPECT_EQ(read_command_line({"status", "--url", "http://127.0.0.1:1"})->url,
            "http://127.0.0.1:1");
  unsetenv("REPRISE_URL");
  EXPECT_EQ(read_command_line({"status"})->url, "http://127.0.0.1:8000");
}

TEST(CommandLine, ServeReadsEveryFlag) {
  const auto serve =
      verb_of<Serve>({"serve", "--data", "/d", "--listen", "127.0.0.1:0", "--provider", "offline",
                      "--offline-latency", "500ms", "--threads", "3", "--bench", "--log-format",
                      "json", "--log-level", "warning"});
  EXPECT_EQ(serve.data, "/d");
  EXPECT_EQ(serve.listen, "127.0.0.1:0");
  EXPECT_EQ(serve.provider, "offline");
  EXPECT_EQ(serve.offline_latency, std::chrono::milliseconds(500));
  EXPECT_EQ(serve.threads, 3U);
  EXPECT_TRUE(serve.bench);
  EXPECT_EQ(serve.log_format, LogFormat::json);
  EXPECT_EQ(serve.log_level, LogLevel::warning);
}

TEST(CommandLine, WorkflowVerbsAreUnderWorkflow) {
  const auto signal = verb_of<SignalWorkflow>(
      {"workflow", "signal", "wf_1", "approve", "--input", "{\"ok\":true}"});
  EXPECT_EQ(signal.id, "wf_1");
  EXPECT_EQ(signal.name, "approve");
  EXPECT_EQ(signal.input, "{\"ok\":true}");
  EXPECT_TRUE(verb_of<ShowHistory>({"workflow", "history", "wf_1", "--follow"}).follow);
  EXPECT_EQ(verb_of<StartWorkflow>({"workflow", "start", "task", "--wait", "5s"}).wait, seconds(5));
}

TEST(CommandLine, WrongUsageEndsWithTwoAndHelpWithZero) {
  EXPECT_EQ(refusal_of({}), ExitCode::usage);
  EXPECT_EQ(refusal_of({"frobnicate"}), ExitCode::usage);
  EXPECT_EQ(refusal_of({"add", "x", "--priority", "urgent"}), ExitCode::usage);
  EXPECT_EQ(refusal_of({"approve", "task_1"}), ExitCode::usage);
  EXPECT_EQ(refusal_of({"tasks", "--limit", "1000"}), ExitCode::usage);
  EXPECT_EQ(refusal_of({"serve", "--offline-latency", "500"}), ExitCode::usage);
  EXPECT_EQ(refusal_of({"--help"}), ExitCode::ok);
  EXPECT_EQ(refusal_of({"--version"}), ExitCode::ok);
}

TEST(CommandLine, AQueueHasLimitsOrNone) {
  const auto limit =
      verb_of<LimitQueue>({"queue", "limit", "ocr", "--concurrency", "3", "--rate", "10/1s"});
  EXPECT_EQ(limit.name, "ocr");
  EXPECT_EQ(limit.concurrency_max, 3U);
  EXPECT_EQ(limit.rate, "10/1s");
  EXPECT_TRUE(verb_of<LimitQueue>({"queue", "limit", "ocr", "--none"}).none);
  EXPECT_EQ(verb_of<ShowQueue>({"queue", "show", "ocr"}).name, "ocr");
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"queue", "limit", "ocr", "--concurrency", "0"},
                                             {"queue", "limit", "ocr", "--rate", "10"},
                                             {"queue", "limit", "ocr", "--rate", "0/1s"},
                                             {"queue", "limit", "ocr", "--rate", "10/often"},
                                             {"queue", "limit", "ocr", "--none", "--rate", "10/1s"},
                                             {"queue", "limit"}})
    EXPECT_EQ(refusal_of(words), ExitCode::usage) << words.back();
}

TEST(CommandLine, AScheduleHasACronExpressionOrAnInterval) {
  const auto create = verb_of<CreateSchedule>(
      {"schedule", "create", "nightly", "report", "--cron", "0 3 * * *", "--paused"});
  EXPECT_EQ(create.id, "nightly");
  EXPECT_EQ(create.type, "report");
  EXPECT_EQ(create.cron, "0 3 * * *");
  EXPECT_TRUE(create.paused);
  EXPECT_EQ(verb_of<PauseSchedule>({"schedule", "unpause", "s"}).control, "unpause");
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"schedule", "create", "s", "t", "--cron", "@daily", "--every", "1h"},
           {"schedule", "create", "s", "t", "--every", "often"},
           {"schedule", "create", "s", "t", "--every", "1h", "--overlap", "maybe"},
           {"schedule", "create", "s", "t", "--every", "1h", "--start-at", "soon"},
           {"schedule", "backfill", "s", "--from", "2026-11-21T12:00:00Z"},
           {"schedule", "create", "s"}})
    EXPECT_EQ(refusal_of(wrong), ExitCode::usage) << wrong.back();
}

}  // namespace
}  // namespace reprise::cli
