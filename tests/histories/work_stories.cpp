#include "engine/author/workflow.hpp"
#include "engine/core/testing/play.hpp"
#include "tests/histories/facts.hpp"
#include "tests/histories/stories.hpp"

namespace reprise::corpus {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Word;
using testing::Work;

Workflow<Word> stepping(Context ctx, Word input) {
  const auto say = [](std::string text) { return [text] { return Word{text}; }; };
  const Word one = co_await ctx.step("one", say(input.text));
  const Word two = co_await ctx.step("two", say(one.text), {.shares_commit = true});
  const Word three = co_await ctx.step("three", say(two.text), {.shares_commit = true});
  const Word four = co_await ctx.step("four", say(three.text));
  co_return four;
}

// Done by a remote worker of a queue, under every limit that there is.
Workflow<Word> farmed_out(Context ctx, Word input) {
  const ActivityOptions options{.retry = {.initial = seconds(2),
                                          .coefficient_percent = 150,
                                          .interval_max = seconds(30),
                                          .attempts_max = 4,
                                          .jitter_percent = 0,
                                          .non_retryable = {"refused"}},
                                .start_to_close = minutes(1),
                                .queue = "far",
                                .provider = "second",
                                .schedule_to_close = minutes(10),
                                .schedule_to_start = minutes(5),
                                .heartbeat_timeout = seconds(20),
                                .timeout_growth_percent = 150};
  const auto first = co_await ctx.try_run<Work>({input.text}, options);
  const auto second = co_await ctx.try_run<Work>({input.text + " again"}, options);
  co_return Word{(first ? first->text : first.error().type) + ", " +
                 (second ? second->text : second.error().message)};
}

UtcTime at(Duration after) { return UtcTime::from_micros(1'700'000'000'000'000) + after; }

ActivityAttemptFailed timed_out(std::uint32_t command, std::uint32_t attempt,
                                const std::string& limit, Duration next,
                                const std::string& details = {}) {
  return {CommandId(command),
          Attempt(attempt),
          {"timeout", "the " + limit + " timeout has passed"},
          at(next),
          {details}};
}

// Ten failed attempts are events; two more are a number in the end of the activity.
std::vector<Told> many_attempts() {
  std::vector<Told> story = {{seconds(0), {started("farmed_out", "x")}}};
  for (std::uint32_t attempt = 1; attempt <= 10; ++attempt)
    story.push_back(
        {seconds(40), {timed_out(1, attempt, "heartbeat", seconds(40 * attempt + 30))}});
  story.push_back({seconds(200),
                   {ActivityFailed{CommandId(1),
                                   Attempt(13),
                                   {"timeout", "the schedule to close timeout has passed", false},
                                   2}}});
  story.push_back({seconds(1), {CancelRequested{"not needed any more"}}});
  return story;
}

}  // namespace

void add_work(Catalog& catalog) {
  catalog.add(define("stepping", &stepping));
  catalog.add(define("farmed_out", &farmed_out));
}

std::vector<Scenario> stories_of_work() {
  return {{"steps-alone",
           "local steps, each in a record of its own",
           "steps",
           {{seconds(0), {started("stepping", "a")}},
            {seconds(1), {done(1, "b")}},
            {seconds(1), {done(2, "c")}},
            {seconds(1), {done(3, "d")}},
            {seconds(1), {done(4, "e")}}}},
          {"steps-shared",
           "local steps that share a record: three activations in it",
           "steps",
           {{seconds(0), {started("stepping", "a")}},
            {seconds(1), {done(1, "b")}, true},
            {seconds(1), {done(2, "c")}, true},
            {seconds(1), {done(3, "d")}},
            {seconds(1), {failed(4, "exception")}}}},
          {"steps-lost",
           "a step whose process died, and one that threw before it went well",
           "steps",
           {{seconds(0), {started("stepping", "a")}},
            {seconds(1), {ActivityAttemptLost{CommandId(1), Attempt(1)}}},
            {seconds(1), {done(1, "b", 2)}, true},
            {seconds(1),
             {ActivityAttemptFailed{
                 CommandId(2), Attempt(1), {"exception", "not yet"}, at(seconds(9))}}},
            {seconds(6), {done(2, "c", 2)}, true},
            {seconds(1), {done(3, "d")}},
            {seconds(1), {done(4, "e")}}}},
          {"remote-timeouts",
           "heartbeats with details, the four timeouts, failed attempts folded into the last",
           "remote workers",
           {{seconds(0), {started("farmed_out", "x")}},
            {seconds(25), {timed_out(1, 1, "heartbeat", seconds(27), "{\"done\":3}")}},
            {seconds(70), {timed_out(1, 2, "start to close", seconds(98), "{\"done\":5}")}},
            {seconds(20), {ActivityAttemptLost{CommandId(1), Attempt(3)}}},
            {seconds(3), {done(1, "y", 4)}},
            {minutes(5),
             {ActivityFailed{CommandId(2),
                             Attempt(1),
                             {"timeout", "the schedule to start timeout has passed", false}}}}}},
          {"remote-too-late",
           "the limit of all attempts together; the last attempts have no events of their own",
           "remote workers", many_attempts()}};
}

}  // namespace reprise::corpus
