// Shard: the runs of one partition, single-threaded and without IO. Inputs in, a step out.
//
//     Step step = shard.step(now, inputs);   // then: do its reads at once, write its batch, and when
//                                            // that is durable do its actions, and say Committed
// Guarantees: commit, then act: nothing in a step's actions may leave before everything up to the
//             step's position is durable; replies to reads, refusals and repetitions too. All inputs
//             of one step that concern a run form one record. An accepted input is activated, in
//             order, when its run can run. A run whose records are not all durable is not dropped.
//             Steps are a function of the inputs: the same inputs give the same steps.
// Thread:     one at a time.
// Errors:     in replies. A run whose history is damaged, or newer than this build, refuses with
//             that error; its neighbours go on. After a failed commit the whole shard is thrown away.
// Why:        ADR-0001, ADR-0002.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/core/attempts.hpp"
#include "engine/core/catalog.hpp"
#include "engine/core/deadlines.hpp"
#include "engine/core/messages.hpp"
#include "engine/core/run.hpp"

namespace reprise {

struct ShardLimits {
  std::size_t runs_cached_max = 1000;
  std::size_t cache_bytes_max = 64U << 20U;  // of runs in memory, as they are estimated
  // Runs that a timer or recovery has called, and that load or are not durable yet: what they write
  // is in the way of what callers wait for.
  std::size_t waking_max = 32;
  std::size_t waiting_max = 10'000;            // requests that wait for one history or id to load
  std::size_t pending_inputs_max = 10'000;     // messages that one run has not taken
  std::size_t message_bytes_max = 64U << 20U;  // of their payloads
  std::size_t updates_max = 10'000;            // of one run
  std::size_t payload_bytes_max = 2U << 20U;
  std::size_t inputs_per_record_max = 256;  // at most: each is under 4 KiB without its payload
  ActivationLimits activation;
};

struct ShardConfig {
  ShardIndex index;
  std::string build;
  ShardLimits limits;
  // Runs whose code did not end in an earlier process: it is not run in this one. Null: none.
  std::shared_ptr<const std::set<RunId>> stuck{};
};

class Shard {
 public:
  Shard(ShardConfig config, const Catalog& catalog);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  ~Shard();

  Step step(Moment now, std::vector<Input> inputs);

  // When step() wants to be called even without inputs, by either clock.
  [[nodiscard]] std::optional<UtcTime> next_utc() const;
  [[nodiscard]] std::optional<SteadyTime> next_steady() const { return attempts_.next_timeout(); }

  // Every run that had open work when this shard was made has been read. What it dispatched for them
  // leaves with the step after which this is true, or before.
  [[nodiscard]] bool recovered() const {
    return !busy_next_ && !busy_read_running_ && busy_loads_running_ == 0;
  }
  [[nodiscard]] std::size_t runs_cached() const { return slots_.size(); }
  [[nodiscard]] std::size_t cached_bytes() const { return cached_bytes_; }
  [[nodiscard]] std::size_t attempts_running() const { return attempts_.size(); }
  // The run in memory, for tests and tools; null when it is not, or still loading.
  [[nodiscard]] const Run* peek(const RunId& run) const;

 private:
  struct Slot;
  struct WorkflowEntry;
  struct KeyEntry;
  struct Turn;
  struct DueCommand {
    RunId run;
    CommandId command;    // 0: the run's own times
    bool closes = false;  // the activity's schedule-to-close time
  };

  // Inputs.
  void accept(Turn& turn, Input input);
  void on(Turn& turn, StartInput& input);
  void on(Turn& turn, SignalInput& input);
  void on(Turn& turn, CancelInput& input);
  void on(Turn& turn, UpdateInput& input);
  void on(Turn& turn, ControlInput& input);
  void on(Turn& turn, DeleteInput& input);
  void on(Turn& turn, ForkInput& input);
  void on(Turn& turn, QueryInput& input);
  void on(Turn& turn, DescribeInput& input);
  void on(Turn& turn, ChildEndedInput& input);
  void on(Turn& turn, Letter& letter);
  void on(Turn& turn, LetterAnswered& input);
  void on(Turn& turn, AttemptEnded& input);
  void on(Turn& turn, AttemptTaken& input);
  void on(Turn& turn, AttemptBeat& input);
  void on(Turn& turn, WorkflowLoaded& input);
  void on(Turn& turn, KeyLoaded& input);
  void on(Turn& turn, RecordsLoaded& input);
  void on(Turn& turn, WakesLoaded& input);
  void on(Turn& turn, BusyLoaded& input);
  void on(Turn& turn, Committed& input);
  void on(Turn& turn, EvictIdle& input);

  // Requests.
  void reply(Turn& turn, RequestId id, Result<Answer> answer);
  bool key_settled(Turn& turn, StartInput& input);
  bool id_settled(Turn& turn, StartInput& input);
  bool open_run_settled(Turn& turn, Slot& slot, StartInput& input);
  void refuse_id(Turn& turn, const StartInput& input, const RunId& run, std::string_view kind);
  void remember_key(Turn& turn, const IdempotencyKey& given, KeyRow row);
  void create_run(Turn& turn, StartInput& input);
  Slot& new_slot(const RunId& run);
  void continue_as_new(Turn& turn, const Slot& ended, const RunContinued& continued);
  bool is_at_rest(Turn& turn, DeleteInput& input);
  [[nodiscard]] bool is_closed(const WorkflowRow& row) const;
  void add_fork(Turn& turn, ForkRequest& last_page, WorkflowEntry& entry);
  bool is_meant(Turn& turn, RequestId id, const Slot& slot, const Boxed<RunAddress>& only_child_of);
  std::optional<Error> message_refused(const Run& run, std::string_view name,
                                       const Payload& payload) const;
  std::optional<Error> update_refused(const Slot& slot, const UpdateRequest& request) const;
  template <typename Request>
  void wait_for(Turn& turn, Slot& slot, Request& input);
  template <typename Wanted>
  Slot* live_run(Turn& turn, Wanted& input);
  template <typename Request>
  WorkflowEntry* known_workflow(Turn& turn, const WorkflowId& workflow, Request& input);

  // Loading.
  // `due`: nobody waits for its load, if there is one.
  Slot& slot_of(Turn& turn, const RunId& run, std::optional<UtcTime> due = {});
  static void load_more(Turn& turn, const Slot& slot);
  void hurry(Turn& turn, Slot& slot);
  void hold_woken(const Turn& turn);
  [[nodiscard]] bool may_wake() const { return waking_ < config_.limits.waking_max; }
  Slot& wake(Turn& turn, const RunId& run, UtcTime due);
  void hold_key(const std::string& key);
  void take_waiting(Turn& turn, std::vector<Input> waiting);
  void went_live(Turn& turn, Slot& slot);
  void failed_to_load(Turn& turn, Slot& slot, Error error);
  void refuse_all(Turn& turn, const std::vector<Input>& waiting, const Error& error);
  void recover_more(Turn& turn);
  void resume_open_work(Turn& turn, Slot& slot);

  // Attempts and timers.
  std::optional<Dispatch> attempt_of(const Turn& turn, Slot& slot, OpenActivity& open);
  static QueueWait wait_of(const Turn& turn, const Slot& slot, const OpenActivity& open,
                           const AttemptTimes& times);
  void dispatch(Turn& turn, Slot& slot, OpenActivity& open);
  bool go_on_with_steps(Turn& turn, Slot& slot);
  void attempt_failed(Turn& turn, Slot& slot, CommandId command, const ActivityFailure& failure,
                      Payload details);
  void attempt_lost(Turn& turn, Slot& slot, CommandId command);
  void expect_close(const Slot& slot, const OpenActivity& open);
  bool closed_in_time(Turn& turn, Slot& slot, CommandId command);
  void expect_due(UtcTime at, DueCommand due);
  [[nodiscard]] bool may_be_due(const DueCommand& due) const;
  void fire_timeouts(Turn& turn);
  void fire_due_commands(Turn& turn);
  void fire(Turn& turn, Slot& slot, CommandId command);
  void fire_own_time(Turn& turn, Slot& slot);

  // Letters.
  void post_letters(Turn& turn, Slot& slot);
  static Letter letter_of(const Slot& slot, const LetterKey& key);
  void answered(Turn& turn, Slot& slot, const LetterKey& key, const Result<Answer>& answer);

  // The end of a turn.
  void touch(Turn& turn, Slot& slot);
  Sequence take_in(Turn& turn, Slot& slot, EventBody body);
  void end_from_outside(Turn& turn, Slot& slot, EventBody end);
  void close_turn(Turn& turn, Slot& slot);
  void weigh(Slot& slot);
  void act_on(Turn& turn, Slot& slot, const Event& event);
  void write_rows(Turn& turn, Slot& slot, bool view_changed);
  void write_parked(Turn& turn, Slot& slot);
  void write_marks(Turn& turn, Slot& slot);
  void clear_stale_marks(Turn& turn);
  bool may_evict(const Slot& slot) const;
  void evict(const RunId& run);
  void evict_if_it_may(const RunId& run);
  void forget_workflow(const WorkflowId& workflow);
  void evict_over_limit();

  ShardConfig config_;
  const Catalog& catalog_;
  BatchNumber issued_;
  BatchNumber committed_;

  std::unordered_map<RunId, std::unique_ptr<Slot>> slots_;  // looked up, never walked
  std::list<RunId> recent_;                                 // most recently used first
  std::map<WorkflowId, WorkflowEntry> workflows_;
  std::map<std::string, KeyEntry> keys_;
  AttemptTable attempts_;
  Deadlines<UtcTime, DueCommand> due_;  // timers and retries of runs that are, or were, in memory
  std::vector<std::pair<BatchNumber, RunId>> closed_;    // leave memory once committed
  std::vector<std::pair<BatchNumber, RunId>> starting_;  // their code runs once committed
  std::vector<std::pair<BatchNumber, RunId>> forked_;    // are loaded once committed
  std::vector<std::pair<BatchNumber, std::string>> keys_used_;
  struct LetterFrom {
    RunAddress from;
    LetterKind kind;
  };
  std::map<RequestId, LetterFrom> letters_;  // being worked on, as requests
  std::uint64_t letters_taken_ = 0;
  std::set<RunId> stale_busy_;  // marked busy on disk, and are not
  // Whose mark was read, or comes with the copy that it is; not in memory since.
  enum class MarkedBy { earlier_work, copying };
  std::map<RunId, MarkedBy> marked_unread_;
  struct Deletion {
    BatchNumber batch;
    WorkflowId workflow;
  };
  std::map<RunId, Deletion> deleted_;  // a read of the log may still find parts of them
  // Outcomes of attempts whose run could not be read: for its next load.
  std::unordered_map<RunId, std::vector<Input>> outcomes_kept_;

  std::uint64_t loads_ = 0;
  std::size_t cached_bytes_ = 0;
  std::size_t waking_ = 0;                                 // of limits.waking_max
  std::deque<std::pair<BatchNumber, std::size_t>> woken_;  // of those, how many with which batch
  std::size_t busy_loads_running_ = 0;                     // of slots that hold marks
  bool busy_read_running_ = false;
  std::optional<UtcTime> busy_next_{UtcTime()};  // when to read the next marks; nothing: never
  std::optional<RunId> busy_after_;
  bool wakes_read_running_ = false;
  WakePlace wakes_through_;                       // wake rows up to here have been read
  std::optional<UtcTime> wakes_next_{UtcTime()};  // the first row behind; nothing: none
};

}  // namespace reprise
