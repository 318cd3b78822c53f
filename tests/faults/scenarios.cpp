#include "tests/faults/scenarios.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "tests/faults/recorder.hpp"

namespace reprise::testing {
namespace {

using Kind = DiskOperation::Kind;

constexpr std::size_t kSmallMemtable = std::size_t{64} << 10;
constexpr const char* kRun = "signals";

// Different for each number.
std::string word(std::size_t n, std::size_t bytes = 20) {
  std::string text = fmt::format("word {} ", n);
  while (text.size() < bytes) text += fmt::format("{:x}", n * 0x9e3779b97f4a7c15ULL + text.size());
  return text;
}

void send(ServedStore& store, std::size_t from, std::size_t to, std::size_t bytes = 20) {
  for (std::size_t n = from; n < to; ++n) store.signal(kRun, word(n, bytes));
}

std::vector<Recording> only(Recording recording) {
  std::vector<Recording> one;
  one.push_back(std::move(recording));
  return one;
}

// A file of this kind goes: at once, or renamed to be deleted later.
bool takes_away(const DiskOperation& operation, std::string_view extension) {
  return (operation.kind == Kind::remove || operation.kind == Kind::rename) &&
         operation.path.extension() == extension;
}

// A steady clock that stands, but for what it is told to pass.
class SteppedClock final : public Clock {
 public:
  [[nodiscard]] UtcTime utc() const override { return system_clock().utc(); }
  [[nodiscard]] SteadyTime steady() const override {
    return SteadyTime::from_micros(micros_.load());
  }
  void pass(Duration time) { micros_ += time.count(); }

 private:
  std::atomic<std::int64_t> micros_ = 1'000'000;
};

std::vector<Recording> first_open() {
  Recorder recorder;
  const auto store = recorder.serve();
  store->start(kRun, "bench.signals", "{}");
  send(*store, 0, 3);
  return only(recorder.finish());
}

std::vector<Recording> idle_append() {
  Recorder recorder;
  const auto store = recorder.serve();
  store->start(kRun, "bench.signals", "{}");
  send(*store, 0, 40);
  store->start("chain", "bench.chain", R"({"n":20})");
  store->finish("chain");
  return only(recorder.finish());
}

std::vector<Recording> merged_groups() {
  constexpr int kClients = 4;
  constexpr int kSignals = 12;
  Recorder recorder;
  // The committer's own thread writes, so that others gather meanwhile.
  const auto store = recorder.serve({.inline_write_max = Duration(-1)});
  {
    std::vector<std::jthread> clients;
    for (int client = 0; client < kClients; ++client)
      clients.emplace_back([&store, name = fmt::format("client-{}", client)] {
        store->start(name, "bench.signals", "{}");
        for (std::size_t n = 0; n < kSignals; ++n) store->signal(name, word(n, 300));
      });
    store->start("fan", "bench.fanout", R"({"n":30})");
    store->finish("fan");
  }
  return only(recorder.finish());
}

std::vector<Recording> large_payloads() {
  Recorder recorder;
  const auto store = recorder.serve();
  store->start(kRun, "bench.signals", "{}");
  for (const std::size_t kib : {30U, 33U, 60U, 70U, 130U, 300U, 500U, 31U, 200U})
    store->signal(kRun, word(kib, std::size_t{kib} << 10));
  return only(recorder.finish());
}

std::vector<Recording> memtable_flush() {
  Recorder recorder;
  const auto store = recorder.serve({.memtable_bytes = kSmallMemtable});
  store->start(kRun, "bench.signals", "{}");
  send(*store, 0, 70, 2000);
  return only(recorder.finish());
}

// Tables cannot be made, so that several logs live at once.
std::vector<Recording> log_rotation() {
  Recorder recorder;
  recorder.files().hold_tables();
  const auto store = recorder.serve({.memtable_bytes = kSmallMemtable});
  store->start(kRun, "bench.signals", "{}");
  send(*store, 0, 35, 2000);
  recorder.files().release_tables();
  send(*store, 35, 40, 2000);
  recorder.wait_for([](const DiskOperation& operation) { return takes_away(operation, ".log"); });
  return only(recorder.finish());
}

std::vector<Recording> compaction() {
  Recorder recorder;
  const auto store = recorder.serve({.memtable_bytes = kSmallMemtable});
  store->start(kRun, "bench.signals", "{}");
  send(*store, 0, 150, 2000);
  recorder.wait_for([](const DiskOperation& operation) { return takes_away(operation, ".sst"); });
  send(*store, 150, 155);
  return only(recorder.finish());
}

std::vector<Recording> floor_raised() {
  constexpr Duration kLongEnough = std::chrono::seconds(2);
  SteppedClock clock;
  Recorder recorder;
  const auto store = recorder.serve({.inline_write_max = Duration(-1), .clock = clock});
  store->start(kRun, "bench.signals", "{}");
  for (std::size_t n = 0; n < 30; ++n) {
    clock.pass(kLongEnough);
    store->signal(kRun, word(n));
  }
  store->stop();
  return only(recorder.finish());
}

std::vector<Recording> clean_stop() {
  Recorder recorder;
  for (std::size_t life = 0; life < 3; ++life) {
    const auto store = recorder.serve();
    if (life == 0) store->start(kRun, "bench.signals", "{}");
    send(*store, life * 5, life * 5 + 5);
    store->stop();
  }
  return only(recorder.finish());
}

// Wake rows, busy marks and latest ends come and go; tables of their graves are merged.
std::vector<Recording> rows_erased() {
  Recorder recorder;
  const auto store = recorder.serve();
  for (int round = 0; round < 9; ++round) {
    const std::string chain = fmt::format("chain-{}", round);
    const std::string sleeper = fmt::format("sleeper-{}", round);
    store->start(chain, "bench.chain", R"({"n":5})");
    store->start(sleeper, "bench.sleeper", R"({"ms":1})");
    store->finish(chain);
    store->finish(sleeper);
    CHECK(store->log().flush().has_value(), "round {}", round);
  }
  store->stop();
  return only(recorder.finish());
}

// A server starts on what a power cut left, goes on, and stops.
Recording go_on(const StoreImage& image, const StoreStates& states, const Ledger& ledger) {
  Recorder recorder(image, states, ledger);
  const auto store = recorder.serve({.memtable_bytes = kSmallMemtable});
  send(*store, 1000, 1005, 3000);
  store->stop();
  return recorder.finish();
}

Recording go_on(const Recording& before, const Playback& at, Tail tail) {
  const Promise& promise = before.promise_before(at.position());
  return go_on(at.image(tail, at.position()), *before.states,
               before.ledger->first(promise.entries));
}

// Behind the write of the last append, before its sync.
std::size_t within_the_last_append(const Recording& recording) {
  std::size_t last_sync = 0;
  for (std::size_t i = 0; i < recording.entries.size(); ++i) {
    const DiskOperation& operation = recording.entries[i].operation;
    if (operation.kind == Kind::sync && operation.path.extension() == ".log") last_sync = i;
  }
  return last_sync;
}

std::vector<Recording> reopen_after_crash() {
  const Recording before = std::move(memtable_flush().front());
  const Playback cut(before, within_the_last_append(before));
  std::vector<Recording> lives;
  for (const Tail tail : {Tail::kept, Tail::torn_512}) lives.push_back(go_on(before, cut, tail));
  return lives;
}

// The power is cut again at moments of a recovery.
std::vector<Recording> recovery_interrupted() {
  constexpr std::size_t kCuts = 12;
  const Recording recovery = std::move(reopen_after_crash().back());
  const auto first_append = std::ranges::find_if(recovery.entries, [&](const auto& entry) {
    return entry.before.appends != recovery.entries.front().before.appends;
  });
  const auto moments = static_cast<std::size_t>(first_append - recovery.entries.begin());
  std::vector<Recording> lives;
  Playback playback(recovery);
  for (std::size_t cut = 1; cut <= kCuts; ++cut) {
    playback.advance_to(moments * cut / kCuts);
    for (const Tail tail : {Tail::lost, Tail::cut_512})
      lives.push_back(go_on(recovery, playback, tail));
  }
  return lives;
}

constexpr std::array kScenarios{
    Scenario{"first_open", "a new folder, its first run and signals", &first_open},
    Scenario{"idle_append", "one small append after the other", &idle_append},
    Scenario{"merged_groups", "clients at once, whose batches are merged", &merged_groups},
    Scenario{"large_payloads", "appends of many log blocks, over the next zeros", &large_payloads},
    Scenario{"memtable_flush", "tables are written, logs are deleted", &memtable_flush},
    Scenario{"log_rotation", "several logs live at once", &log_rotation},
    Scenario{"compaction", "tables are merged and deleted", &compaction},
    Scenario{"floor_raised", "the durable floor follows each group", &floor_raised},
    Scenario{"rows_erased", "rows come and go, and their tables", &rows_erased},
    Scenario{"clean_stop", "stopped and started again, twice", &clean_stop},
    Scenario{"reopen_after_crash", "recovery of a log with a whole and a torn end, and on",
             &reopen_after_crash},
    Scenario{"recovery_interrupted", "the same, from cuts during a recovery",
             &recovery_interrupted},
};

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }

}  // namespace reprise::testing
