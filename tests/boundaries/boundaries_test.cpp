// A run that is stopped at any of its commit boundaries, recovered and continued ends as the run that
// nobody disturbed: same history, same view. story.hpp says what is left out of the comparison.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "activities/bench/bench_activities.hpp"
#include "activities/contracts/bench.hpp"
#include "activities/contracts/review.hpp"
#include "activities/model/model_activity.hpp"
#include "activities/offline/offline_provider.hpp"
#include "tests/boundaries/directed_provider.hpp"
#include "tests/boundaries/stage.hpp"
#include "workflows/bench/bench_workflows.hpp"
#include "workflows/task/task_workflow.hpp"

namespace reprise::testing {
namespace {

using namespace std::chrono_literals;

// --- what the engine can do, that the shipped workflows do not: in one workflow ---
struct FlakyStep {
  static constexpr std::string_view kName = "test.flaky_step";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::never;
  using Input = BenchIndex;
  using Output = BenchIndex;
};

// Fails its first two attempts.
boost::asio::awaitable<ActivityOutcome> flaky_step(ActivityInvocation invocation) {
  if (invocation.attempt <= Attempt(2))
    co_return std::unexpected(ActivityFailure{.type = "shaky", .message = "not yet"});
  co_return std::move(invocation.input);
}

// Fails for good.
struct BrokenStep : FlakyStep {
  static constexpr std::string_view kName = "test.broken_step";
};
boost::asio::awaitable<ActivityOutcome> broken_step(ActivityInvocation) {
  co_return std::unexpected(
      ActivityFailure{.type = "broken", .message = "never", .retryable = false});
}

// Without growth and jitter: both go by the attempt's number, so that a crash would move the retries
// of parallel steps past each other.
const ActivityOptions kEvenRetries{
    .retry = {.initial = 1s, .coefficient_percent = 100, .jitter_percent = 0}};

// Retries in parallel, a failure that is handled, random draws, a signal in time, one that never
// comes, losers that are cancelled, timers.
Workflow<BenchIndex> every_way(Context ctx, Payload) {
  ctx.stage("retries");
  std::vector<ActivityCall<FlakyStep>> calls;
  for (std::uint32_t i = 1; i <= 3; ++i) calls.push_back(ctx.run<FlakyStep>({i}, kEvenRetries));
  co_await all(std::move(calls));
  const auto broken = co_await ctx.try_run<BrokenStep>({9});
  ctx.record("draws", Payload{fmt::format("\"{} {}\"", ctx.random("die"), ctx.uuid("name"))});

  ctx.stage("signals");
  const std::optional<Payload> go = co_await within(ctx, 1h, ctx.signal("go"));
  const std::optional<Payload> never = co_await within(ctx, 2s, ctx.signal("never"));

  ctx.stage("races");
  std::vector<SleepCall> race;
  for (const Duration time : {3s, 1s, 2s}) race.push_back(ctx.sleep(time));
  const auto first = co_await any(std::move(race));
  co_return BenchIndex{static_cast<std::uint32_t>(first.index + (broken ? 10 : 0) + (go ? 100 : 0) +
                                                  (never ? 1000 : 0))};
}

// The reviewer is never content, and the writer's first answer breaks the schema.
std::optional<ModelOutcome> severe_and_clumsy(const ModelRequest& request) {
  if (request.stage == "review") {
    const Review review{
        .scores = {Hundredths{300}, Hundredths{300}, Hundredths{300}, Hundredths{300}},
        .feedback = "not good enough",
        .revision_requests = {"more of it"}};
    return ModelReply{.text = JsonWriter::object(review, JsonWriter::Defaults::write),
                      .provider = "directed",
                      .model = "severe"};
  }
  if (request.stage == "synthesis" && request.messages.size() == 1)
    return ModelReply{
        .text = R"({"executive_summary":7})", .provider = "directed", .model = "clumsy"};
  return std::nullopt;
}

class Boundaries : public ::testing::Test {
 protected:
  Boundaries() {
    register_task_workflow(catalog_);
    register_bench(catalog_);
    catalog_.add(define("test.every_way", &every_way));
    providers_.add(OfflineProvider::make({}).value());
    providers_.add(directed_provider(severe_and_clumsy));
    register_model_activities(activities_, providers_);
    register_bench_activities(activities_);
    activities_.add<FlakyStep>(&flaky_step);
    activities_.add<BrokenStep>(&broken_step);
  }

  // Plays the story undisturbed, then once for each of its commits; gives the undisturbed ending.
  Ending stop_everywhere(const Story& story) {
    const Stage stage(catalog_, activities_);
    Ending whole = stage.play(story);
    for (std::size_t k = 1; k <= whole.commits; ++k) {
      const Ending again = stage.play(story, k);
      EXPECT_EQ(difference(whole, again), "") << "stopped behind commit " << k;
      attempts_lost_ +=
          static_cast<std::size_t>(std::ranges::count_if(again.events, [](const Event& e) {
            return std::holds_alternative<ActivityAttemptLost>(e.body);
          }));
    }
    fmt::print("{}: {} events, stopped behind each of {} commits, {} attempts lost\n", story.type,
               whole.events.size(), whole.commits, attempts_lost_);
    return whole;
  }

  static std::size_t stages_named(const Ending& ending, std::string_view name) {
    return static_cast<std::size_t>(std::ranges::count_if(ending.events, [&](const Event& event) {
      const auto* entered = std::get_if<StageEntered>(&event.body);
      return entered != nullptr && entered->name == name;
    }));
  }
  static std::string result_of(const Ending& ending) {
    const auto* completed = std::get_if<RunCompleted>(&ending.events.back().body);
    return completed == nullptr ? "not completed" : completed->result.bytes;
  }

  Catalog catalog_;
  ModelProviders providers_;
  ActivityRegistry activities_;
  std::size_t attempts_lost_ = 0;
};

TEST_F(Boundaries, ATaskEndsTheSameWhereverItWasStopped) {
  const Ending ending = stop_everywhere(
      {.type = std::string(kTaskType),
       .input = R"({"title":"Compare three message brokers","description":"For 10,000 devices.\n)"
                R"(- Measure the throughput\n- Reckon the cost\n- Look at how each one fails",)"
                R"("context":{"domain":"software"}})",
       .signals = {}});
  EXPECT_EQ(ending.view.status, RunStatus::completed);
  EXPECT_GE(ending.commits, 12U);
  EXPECT_GT(attempts_lost_, 12U);
}

TEST_F(Boundaries, AnEscalatedTaskEndsTheSameWhereverItWasStopped) {
  const Ending ending =
      stop_everywhere({.type = std::string(kTaskType),
                       .input = R"({"title":"Name a broker","options":{"provider":"directed",)"
                                R"("review_policy":"escalate"},"subtasks":["Pick one"]})",
                       .signals = {{"approve", R"({"decision":"retry","comment":"once more"})"},
                                   {"approve", R"({"decision":"accept"})"}}});
  EXPECT_EQ(ending.view.status, RunStatus::completed);
  EXPECT_EQ(stages_named(ending, "revision_required"), 3U);
}

TEST_F(Boundaries, RetriesSignalsRacesAndTimersEndTheSameWhereverTheyWereStopped) {
  const Ending ending =
      stop_everywhere({.type = "test.every_way", .input = {}, .signals = {{"go", "1"}}});
  EXPECT_EQ(result_of(ending), R"({"i":101})");
}

TEST_F(Boundaries, AChainEndsTheSameWhereverItWasStopped) {
  const Ending ending =
      stop_everywhere({.type = "bench.chain", .input = R"({"n":12})", .signals = {}});
  EXPECT_EQ(result_of(ending), R"({"i":12})");
  EXPECT_EQ(ending.commits, 13U);
}

TEST_F(Boundaries, AFanoutEndsTheSameWhereverItWasStopped) {
  const Ending ending =
      stop_everywhere({.type = "bench.fanout", .input = R"({"n":30})", .signals = {}});
  EXPECT_EQ(result_of(ending), R"({"i":30})");
}

TEST_F(Boundaries, ASleeperEndsTheSameWhereverItWasStopped) {
  const Ending ending =
      stop_everywhere({.type = "bench.sleeper", .input = R"({"ms":5000})", .signals = {}});
  EXPECT_EQ(result_of(ending), R"({"i":1})");
}

TEST_F(Boundaries, SignalsEndTheSameWhereverTheyWereStopped) {
  Story story{.type = "bench.signals", .input = "{}", .signals = {}};
  for (int n = 1; n <= 10; ++n) story.signals.push_back({"signal", fmt::format("{}", n)});
  story.signals.push_back({"end", ""});
  EXPECT_EQ(result_of(stop_everywhere(story)), R"({"i":10})");
}

}  // namespace
}  // namespace reprise::testing
