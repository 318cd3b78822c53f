#include "tools/bench/growth_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "engine/core/run.hpp"
#include "workflows/bench/bench_workflows.hpp"

namespace reprise {
namespace {

constexpr std::uint64_t kEventsMax = 50'000;
constexpr std::uint64_t kWindow = 500;  // appended events that are timed at once

const Catalog& bench_catalog() {
  static const Catalog catalog = [] {
    Catalog made;
    register_bench(made);
    return made;
  }();
  return catalog;
}

// One run of bench.signals that never ends, and the bytes of its records.
class Story {
 public:
  explicit Story(std::size_t payload_bytes)
      : payload_{std::string(payload_bytes, 'p')}, run_(bench_catalog(), kRun, "bench") {
    tell(RunStarted{.workflow = WorkflowId("growth"),
                    .type = "bench.signals",
                    .input = {"{}"},
                    .seed = 1,
                    .first_run = kRun});
  }
  void signal() { tell(SignalReceived{.name = "signal", .payload = payload_, .key = {}}); }
  [[nodiscard]] std::uint64_t events() const { return run_.state().last().value(); }
  [[nodiscard]] const std::vector<std::string>& records() const { return records_; }
  void grow_to(std::uint64_t events) {
    while (this->events() < events) signal();
  }

  static inline const RunId kRun = RunId::make(UtcTime::from_micros(1'700'000'000'000'000), 1, 2);

 private:
  void tell(EventBody body) {
    now_ = now_ + Duration(1);
    run_.accept(std::move(body), now_);
    auto sealed = run_.seal(now_);
    CHECK(sealed && !run_.parked(), "the bench's run is parked");
    records_.push_back(std::move(sealed->record.bytes));
  }

  Payload payload_;
  Run run_;
  UtcTime now_ = UtcTime::from_micros(1'700'000'000'000'000);
  std::vector<std::string> records_;
};

double seconds_of(auto&& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The best of several windows: what is left out is the machine's noise, not the engine's work.
double append_ns(std::uint64_t history) {
  constexpr int kTries = 15;
  double best = 1e9;
  for (int i = 0; i < kTries; ++i) {
    Story story(64);
    story.grow_to(history);
    const std::uint64_t before = story.events();
    const double took = seconds_of([&] { story.grow_to(before + kWindow); });
    best = std::min(best, took * 1e9 / static_cast<double>(story.events() - before));
  }
  return best;
}

double replays_per_s(const Story& story, Duration time) {
  const double limit = std::chrono::duration<double>(time).count();
  double best = 0;
  for (double spent = 0; spent < limit;) {
    Run run(bench_catalog(), Story::kRun, "bench");
    const double took = seconds_of([&] {
      for (const std::string& record : story.records())
        CHECK(run.replay(record, {}).has_value(), "the bench's history does not replay");
    });
    CHECK(run.state().last().value() == story.events() && !run.parked());
    best = std::max(best, static_cast<double>(story.events()) / took);
    spent += took;
  }
  return best;
}

}  // namespace

void run_growth_bench(const GrowthBench& bench) {
  fmt::print("{:<28} {:>16} {:>10}\n", "history, 64-byte payloads", "ns an event", "of the 50");
  double first = 0;
  for (const std::uint64_t history : std::array<std::uint64_t, 4>{50, 500, 5'000, kEventsMax}) {
    const double ns = append_ns(history);
    if (first == 0) first = ns;
    fmt::print("{:<28} {:>16.0f} {:>10.2f}\n", fmt::format("{} events", history), ns, ns / first);
  }
  fmt::print("\n{:<28} {:>16}\n", "replay, one core", "events a second");
  for (const std::size_t bytes : std::array<std::size_t, 2>{64, 2048}) {
    Story story(bytes);
    story.grow_to(kEventsMax);
    fmt::print("{:<28} {:>16.0f}\n", fmt::format("payloads of {} bytes", bytes),
               replays_per_s(story, bench.time));
  }
}

}  // namespace reprise
