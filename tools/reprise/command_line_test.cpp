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

ExitCode refusal_of(std::vector<std::string> arguments) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  auto line = read_command_line(std::move(arguments));
  testing::internal::GetCapturedStderr();
  testing::internal::GetCapturedStdout();
  return line ? ExitCode::failed : line.error();
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

TEST(CommandLine, AnEmptyValueIsAUsageError) {
  EXPECT_EQ(refusal_of({"add", "x", "--id-key", ""}), ExitCode::usage);
  EXPECT_EQ(refusal_of({"serve", "--data", ""}), ExitCode::usage);
  EXPECT_EQ(refusal_of({"workflow", "start", "t", "--id", ""}), ExitCode::usage);
  EXPECT_EQ(refusal_of({"show", ""}), ExitCode::usage);
}

TEST(CommandLine, AValueThatIsNoUtf8IsAUsageError) {
  EXPECT_EQ(refusal_of({"add", "\xC3\x28"}), ExitCode::usage);
}

TEST(CommandLine, AHistoryBehindANegativeNumberIsAUsageError) {
  EXPECT_EQ(refusal_of({"workflow", "history", "w", "--after", "-1"}), ExitCode::usage);
  EXPECT_EQ(verb_of<ShowHistory>({"workflow", "history", "w", "--after", "7"}).after, 7U);
}

TEST(CommandLine, AVerbThatIsNoneIsAUsageError) {
  EXPECT_EQ(refusal_of({"bogus"}), ExitCode::usage);
  EXPECT_EQ(refusal_of({"--url", "http://127.0.0.1:1", "bogus"}), ExitCode::usage);
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

}  // namespace
}  // namespace reprise::cli
