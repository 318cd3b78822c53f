#include "tests/sim/sim_workflows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/author/pool.hpp"
#include "engine/author/workflow.hpp"

namespace reprise::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

ActivityOptions quick() {
  return {.retry = {.initial = milliseconds(100), .attempts_max = 3}, .start_to_close = seconds(5)};
}

// The end of an input, "…/7": how large its run is.
std::uint64_t size_of(const Text& input) {
  return std::stoull(input.text.substr(input.text.find_last_of('/') + 1));
}

Workflow<Text> chain(Context ctx, Text input) {
  std::string path = input.text;
  for (std::uint64_t i = 0; i < 1 + size_of(input) % 5; ++i) {
    const Text step = co_await ctx.run<Work>({fmt::format("{} step {}", input.text, i)}, quick());
    path += step.text.substr(0, 8);
  }
  co_return Text{path};
}

Workflow<Text> broken_chain(Context, Text) {
  throw std::logic_error("a defect of this build");
  co_return Text{};
}

Workflow<Text> fanout(Context ctx, Text input) {
  std::vector<ActivityCall<Work>> calls;
  for (std::uint64_t i = 0; i < size_of(input) % 6; ++i)
    calls.push_back(ctx.run<Work>({fmt::format("{} part {}", input.text, i)}, quick()));
  try {
    const std::vector<Text> parts = co_await all(std::move(calls));
    co_return Text{fmt::format("{} parts", parts.size())};
  } catch (const ActivityError& error) {
    ctx.record("fanout_failed", Text{error.failure().type});
  }
  co_return co_await ctx.run<Work>({input.text + " instead"}, quick());
}

Workflow<Text> timed(Context ctx, Duration limit) {
  co_await ctx.sleep(limit);
  co_return Text{"too late"};
}

Workflow<Text> attempted(Context ctx, std::string what) {
  const auto result = co_await ctx.try_run<Work>({what}, quick());
  co_return result ? *result : Text{result.error().type};
}

Workflow<Text> race(Context ctx, Text input) {
  std::vector<Workflow<Text>> racers;
  for (std::uint64_t i = 0; i < 1 + size_of(input) % 3; ++i)
    racers.push_back(attempted(ctx, fmt::format("{} racer {}", input.text, i)));
  racers.push_back(timed(ctx, milliseconds(200 + 100 * static_cast<int>(size_of(input) % 9))));
  const First<Text> first = co_await any(std::move(racers));
  const std::optional<Text> second =
      co_await within(ctx, milliseconds(300), ctx.run<Work>({input.text + " again"}, quick()));
  co_return Text{fmt::format("{} {}", first.index, second.has_value())};
}

Workflow<Text> gate(Context ctx, Text input) {
  int passed = 0;
  const QueryHandle handle = ctx.query("passed", [&passed](const Payload&) -> Result<Payload> {
    return Payload{std::to_string(passed)};
  });
  while (passed < 2) {
    co_await ctx.signal<Text>("go");
    ++passed;
  }
  co_return input;
}

Workflow<Text> counter(Context ctx, Text) {
  std::uint64_t taken = 0;
  int idle = 0;
  while (idle < 3 && taken < 20) {
    const std::optional<Text> more = co_await within(ctx, seconds(20), ctx.signal<Text>("more"));
    if (!more) {
      ++idle;
      continue;
    }
    if (++taken % 3 == 0) co_await ctx.run<Work>(*more, quick());
  }
  co_return Text{std::to_string(taken)};
}

Workflow<Text> sleeper(Context ctx, Text input) {
  for (std::uint64_t i = 0; i < 1 + size_of(input) % 3; ++i)
    co_await ctx.sleep(seconds(1 + static_cast<std::int64_t>(ctx.random("nap") % 4000)));
  co_return Text{"slept"};
}

Workflow<> step(Context ctx, std::string what) {
  co_await attempted(ctx, what);
  co_await ctx.sleep(milliseconds(50));
}

PoolSource steps(Context ctx, std::string name, std::uint64_t count) {
  return [ctx, name = std::move(name), count, given = std::uint64_t{0}]() mutable {
    return given < count ? std::optional(step(ctx, fmt::format("{} pool {}", name, given++)))
                         : std::nullopt;
  };
}

Workflow<Text> nested(Context ctx, Text input) {
  std::vector<Workflow<Text>> parts;
  parts.push_back(chain(ctx, Text{input.text + " a/2"}));
  parts.push_back(fanout(ctx, Text{input.text + " b/3"}));
  const auto [both, one] =
      co_await all(all(std::move(parts)), attempted(ctx, input.text + " beside"));
  co_await pool(2, steps(ctx, input.text, size_of(input) % 5));
  co_return Text{both.front().text.substr(0, 20) + one.text.substr(0, 8)};
}

Workflow<Text> stubborn(Context ctx, Text input) {
  const ActivityOptions patient{.retry = {.initial = milliseconds(1),
                                          .interval_max = milliseconds(10),
                                          .attempts_max = 12,
                                          .non_retryable = {"hopeless"}},
                                .start_to_close = seconds(3),
                                .timeout_growth_percent = 150};
  const auto result =
      co_await ctx.try_run<Work>({fmt::format("{} {}", input.text, kPatientWork)}, patient);
  co_return Text{result ? "in the end" : result.error().type};
}

Workflow<Text> diary(Context ctx, Text input) {
  ctx.stage("morning");
  ctx.record("weather", Text{ctx.uuid("weather")});
  const Text page = co_await ctx.run<Work>({std::string(70'000, 'p') + input.text}, quick());
  ctx.stage("noon");
  ctx.record("page", Text{std::string(66'000, 'q')});
  if (ctx.random("coin") % 2 == 0) throw WorkflowFailure("tired", "no more today");
  ctx.stage("noon");
  co_return Text{page.text.substr(0, 8)};
}

Workflow<Text> tidy(Context ctx, Text input) {
  try {
    co_await ctx.sleep(minutes(20));
    co_await ctx.run<Work>({input.text}, quick());
  } catch (const Cancelled&) {
    ctx.record("swept", input);
  }
  co_return input;
}

Workflow<> book(Context ctx, std::string what) {
  co_await ctx.run<Work>({what + " booked"}, quick());
  co_await ctx.sleep(minutes(10));
}

Workflow<> unbook(Context ctx, std::string what) {
  co_await ctx.run<Work>({what + " given back"}, quick());
}

Workflow<Text> saga(Context ctx, Text input) {
  co_await with_compensation(book(ctx, input.text),
                             [&] { return within(ctx, seconds(30), unbook(ctx, input.text)); });
  co_return input;
}

// Its input gets a "+" with each run that it continues as.
Workflow<Text> relay(Context ctx, Text input) {
  const auto laps = static_cast<std::uint64_t>(std::ranges::count(input.text, '+'));
  if (ctx.patched("wait-for-more")) co_await within(ctx, seconds(30), ctx.signal<Text>("more"));
  co_await attempted(ctx, input.text + " lap");
  if (laps < 1 + size_of(input) % 3) ctx.continue_as_new(Text{"+" + input.text});
  co_return input;
}

Workflow<Text> take_five(Context ctx, int& taken) {
  for (; taken < 5; ++taken) co_await ctx.signal<Text>("more");
  co_return Text{"five"};
}

Workflow<Text> three_or_late(Context ctx, const int& taken) {
  const bool enough = co_await within(ctx, minutes(1), ctx.until([&taken] { return taken >= 3; }));
  co_return Text{enough ? "three" : "late"};
}

Workflow<Text> tally(Context ctx, Text) {
  int taken = 0;
  std::vector<Workflow<Text>> race;
  race.push_back(three_or_late(ctx, taken));
  race.push_back(take_five(ctx, taken));
  const First<Text> first = co_await any(std::move(race));
  co_return first.value;
}

std::string own_message(Context ctx, const std::string& what) {
  return fmt::format("{}{} {}", kOwnMessage, ctx.info().run, what);
}

Workflow<Text> raised(Context ctx, std::string input, std::uint64_t which) {
  constexpr std::array kPolicies = {ParentClose::terminate, ParentClose::cancel,
                                    ParentClose::abandon};
  constexpr std::array kTypes = {"chain", "sleeper", "relay"};
  try {
    co_return co_await ctx.child<Text>(kTypes.at(which % 3),
                                       Text{fmt::format("{} child/{}", input, which)},
                                       {.on_close = kPolicies.at(which % 3)});
  } catch (const ChildError& error) {
    co_return Text{error.failure().type};
  }
}

// Children that are awaited, given up, or left behind.
Workflow<Text> family(Context ctx, Text input) {
  const std::uint64_t size = size_of(input);
  const ChildHandle<Text> first = co_await ctx.start_child<Text>(
      "chain", Text{input.text + " first/2"}, {.on_close = ParentClose::abandon});
  std::vector<Workflow<Text>> children;
  for (std::uint64_t i = 0; i <= size % 3; ++i)
    children.push_back(raised(ctx, input.text, size + i));
  if (size % 2 == 0) {
    co_await any(std::move(children));
    co_return Text{"one is enough"};
  }
  co_await within(ctx, seconds(5), all(std::move(children)));
  co_return co_await first.result();
}

// Tells others, who may be there or not.
Workflow<Text> gossip(Context ctx, Text input) {
  for (std::uint64_t i = 0; i < 1 + size_of(input) % 4; ++i) {
    const ExternalWorkflow other = ctx.external(WorkflowId(fmt::format("again-{}", i)));
    try {
      if (i == 3)
        co_await other.cancel("so they say");
      else
        co_await other.signal("more", Text{own_message(ctx, fmt::format("rumour {}", i))});
    } catch (const ChildError& error) {
      ctx.record("not_heard", Text{error.failure().type});
    }
  }
  co_return input;
}

// Takes updates and signals by handlers.
Workflow<Text> desk(Context ctx, Text input) {
  int served = 0;
  const auto serving = ctx.on_update<Text>(
      "serve",
      [ctx, &served](Text what) -> Workflow<Text> {
        if (++served % 2 == 0) co_await attempted(ctx, what.text);
        if (served % 5 == 0) throw WorkflowFailure("closed", "come back later");
        co_return Text{fmt::format("number {}", served)};
      },
      [&served](const Text&) -> Result<> {
        if (served % 7 == 6) return fail(Errc::conflict, "too many people");
        return {};
      });
  const auto more = ctx.on_signal<Text>("more", [&served](const Text&) { ++served; });
  co_await within(ctx, minutes(1), ctx.until([&served] { return served >= 4; }));
  if (size_of(input) % 2 == 0) co_await ctx.until([ctx] { return ctx.handlers_idle(); });
  co_return Text{std::to_string(served)};
}

// Local steps, most of which share a commit, and attributes that tell how far it is.
Workflow<Text> errand(Context ctx, Text input) {
  Text word{"0"};
  for (std::uint64_t i = 0; i < 2 + size_of(input) % 9; ++i) {
    word = co_await ctx.step("add", [word] { return Text{word.text + "+"}; },
                             {.retry = {.initial = milliseconds(100), .attempts_max = 9},
                              .start_to_close = seconds(5),
                              .shares_commit = i % 4 != 1});
    if (i % 5 == 3) ctx.upsert({{"done", static_cast<std::int64_t>(i)}, {"begun", std::nullopt}});
  }
  co_return word;
}

ActivityOptions remote(std::uint64_t which) {
  return {.retry = {.initial = milliseconds(100), .attempts_max = 4},
          .start_to_close = seconds(3),
          .queue = which % 3 == 0 ? "far" : "near",
          .schedule_to_close = seconds(which % 5 == 4 ? 20 : 0),
          .schedule_to_start = seconds(which % 4 == 3 ? 5 : 0),
          .heartbeat_timeout = milliseconds(which % 2 == 0 ? 500 : 0)};
}

Workflow<Text> delegated(Context ctx, std::string what, std::uint64_t which) {
  const auto result = co_await ctx.try_run<Work>({what}, remote(which));
  co_return result ? *result : Text{result.error().type};
}

// Work for remote workers: side by side, with a limit that gives some of it up, one after another.
Workflow<Text> crew(Context ctx, Text input) {
  const std::uint64_t size = size_of(input);
  std::vector<Workflow<Text>> parts;
  for (std::uint64_t i = 0; i < 1 + size % 4; ++i)
    parts.push_back(delegated(ctx, fmt::format("{} far {}", input.text, i), size + i));
  if (size % 3 == 0)
    co_await within(ctx, seconds(2), all(std::move(parts)));
  else
    co_await all(std::move(parts));
  co_return co_await delegated(ctx, input.text + " at last", size);
}

// Counts results and stages, so that stored views have a part of their own to be checked.
class Count final : public ViewFold {
 public:
  bool apply(const Event& event) override {
    const bool counts = std::holds_alternative<ActivityCompleted>(event.body) ||
                        std::holds_alternative<StageEntered>(event.body);
    count_ += counts ? 1 : 0;
    return counts;
  }
  [[nodiscard]] std::string encode() const override { return fmt::format(R"({{"n":{}}})", count_); }

 private:
  int count_ = 0;
};

}  // namespace

Catalog make_catalog(bool broken) {
  const ViewDefinition counted{.version = 3, .make = [] { return std::make_unique<Count>(); }};
  Catalog catalog;
  catalog.add(define("chain", broken ? &broken_chain : &chain), counted);
  catalog.add(define("fanout", &fanout), counted);
  catalog.add(define("race", &race));
  catalog.add(define("gate", &gate));
  catalog.add(define("counter", &counter));
  catalog.add(define("sleeper", &sleeper));
  catalog.add(define("nested", &nested), counted);
  catalog.add(define("stubborn", &stubborn));
  catalog.add(define("diary", &diary), counted);
  catalog.add(define("tidy", &tidy));
  catalog.add(define("saga", &saga));
  catalog.add(define("relay", &relay), counted);
  catalog.add(define("tally", &tally));
  catalog.add(define("family", &family));
  catalog.add(define("gossip", &gossip), counted);
  catalog.add(define("desk", &desk));
  catalog.add(define("errand", &errand), counted);
  catalog.add(define("crew", &crew), counted);
  return catalog;
}

const std::vector<std::string>& workflow_types() {
  static const std::vector<std::string> types{"chain",   "fanout", "race",     "gate",   "counter",
                                              "sleeper", "nested", "stubborn", "diary",  "tidy",
                                              "saga",    "relay",  "tally",    "family", "gossip",
                                              "desk",    "errand", "errand",   "crew",   "crew"};
  return types;
}

}  // namespace reprise::sim
