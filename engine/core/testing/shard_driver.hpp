// ShardDriver: one shard on a log in memory, moved by hand.
//
//     ShardDriver shard(catalog);
//     const StartAnswer started = shard.start("t", "w").value();
//     shard.attempt_ends(1, "result");
//     EXPECT_EQ(shard.kinds(started.run), …);
// Guarantees: settle() answers reads and commits batches until nothing is left to do; hold() leaves
//             both to the test. Actions are kept in the order in which they may leave.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/shard.hpp"
#include "engine/core/testing/run_play.hpp"
#include "storage/memory_log.hpp"

namespace reprise::testing {

class ShardDriver {
 public:
  explicit ShardDriver(Catalog catalog, ShardLimits limits = {});

  // --- by hand ---
  // One step; its reads, batch and actions wait for the test.
  void step(std::vector<Input> inputs = {});
  bool answer_read(std::size_t which = 0);  // from the oldest on
  bool fail_read(Errc code = Errc::io);
  bool commit();   // the oldest batch
  bool deliver();  // the oldest letter
  void settle();   // until nothing waits; due timers and timeouts included
  void lose_memory();
  void restart();  // lose_memory(), then settle()
  void restart(Catalog catalog);
  void evict() { give(EvictIdle{}); }

  // --- whole requests: given, settled, answered ---
  void give(Input input);
  Result<StartAnswer> start(const std::string& type, const std::string& workflow,
                            Boxed<IdempotencyKey> key = {}, IdReuse reuse = IdReuse::allow);
  Result<SignalAnswer> signal(const std::string& workflow, const std::string& name,
                              Boxed<IdempotencyKey> key = {});
  // Of a request with options of its own: start_input(), changed by the test.
  Result<StartAnswer> start(StartInput input);
  Result<CancelAnswer> cancel(const std::string& workflow);
  Result<UpdateAnswer> update(const std::string& workflow, const std::string& id,
                              const std::string& name, const std::string& input);
  Result<ControlAnswer> control(const std::string& workflow, Control control);
  Result<Payload> query(const std::string& workflow, const std::string& name,
                        const std::string& arguments = {});
  Result<RunDescription> describe(const std::string& workflow);
  // Ends the attempt that was dispatched last for this command.
  void attempt_ends(std::uint32_t command, std::expected<Payload, ActivityFailure> outcome);
  // What a worker does with an attempt of its queue; the last one of this command unless named.
  Result<Answer> take(std::uint32_t command, Attempt attempt = {});
  Result<Answer> beat(std::uint32_t command, const std::string& details = {}, Attempt attempt = {});
  Result<Answer> report(std::uint32_t command, std::expected<Payload, ActivityFailure> outcome,
                        Attempt attempt = {});

  // The inputs of those requests, for tests that give several at once. Replies come under the id.
  SignalInput signal_input(const std::string& workflow, const std::string& name,
                           Boxed<IdempotencyKey> key = {});
  StartInput start_input(const std::string& type, const std::string& workflow,
                         Boxed<IdempotencyKey> key = {}, IdReuse reuse = IdReuse::allow);
  std::optional<Result<Answer>> reply(RequestId id);

  // --- what came of it ---
  template <typename Kind>
  [[nodiscard]] std::vector<Kind> actions() const {
    std::vector<Kind> found;
    for (const Action& action : actions_)
      if (const auto* kind = std::get_if<Kind>(&action)) found.push_back(*kind);
    return found;
  }
  void forget_actions() { actions_.clear(); }
  // "run_started", "activity_scheduled", … as they are durable.
  [[nodiscard]] std::vector<std::string> kinds(const RunId& run) const;
  [[nodiscard]] std::vector<Event> events(const RunId& run) const;
  [[nodiscard]] std::vector<Record> records(const RunId& run) const;
  [[nodiscard]] std::size_t rows(Table table) const { return log_.row_count(table); }
  [[nodiscard]] MemoryLog& log() { return log_; }
  [[nodiscard]] Shard& shard() { return *shard_; }
  [[nodiscard]] std::size_t reads_open() const { return reads_.size(); }
  // Of the batches that wait for a commit, oldest first: does anybody wait for it?
  [[nodiscard]] std::vector<bool> batches_waited_for() const;

  void advance(Duration by) {
    utc = utc + by;
    steady = steady + by;
  }
  UtcTime utc = UtcTime::from_micros(1'700'000'000'000'000);
  SteadyTime steady = SteadyTime::from_micros(1'000'000);

 private:
  struct Pending {
    BatchNumber number;
    Batch batch;
    bool waited_for = false;
  };
  struct Held {
    BatchNumber position;
    std::vector<Action> actions;
  };
  void release();
  [[nodiscard]] AttemptKey dispatched(std::uint32_t command, Attempt attempt) const;
  Result<Answer> any_answer_to(RequestId id);
  [[nodiscard]] bool is_due() const;
  template <typename Wanted>
  Result<Wanted> answer_to(RequestId id);

  std::unique_ptr<Catalog> catalog_;
  ShardLimits limits_;
  MemoryLog log_;
  std::unique_ptr<Shard> shard_;
  std::vector<Read> reads_;
  std::vector<Pending> batches_;
  std::vector<Held> held_;
  std::vector<Action> actions_;
  BatchNumber committed_;
  std::uint64_t requests_ = 0;
};

}  // namespace reprise::testing
