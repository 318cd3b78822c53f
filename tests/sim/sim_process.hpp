// SimProcess: one life of the engine: its shards, its pipeline, and the glue between them, which the
// simulation moves one small step at a time. Destroying it is a crash.
//
// Guarantees: does what engine/runtime does, without threads: reads are answered in any order, groups
//             are written one at a time, actions leave once their step's position is durable. Checks
//             that positions and batches are in order.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/core/commit_pipeline.hpp"
#include "engine/core/shard.hpp"
#include "tests/sim/disk_faults.hpp"
#include "tests/sim/marks.hpp"
#include "tests/sim/prng.hpp"
#include "tests/sim/sim_clock.hpp"
#include "tests/sim/sim_log.hpp"
#include "tests/sim/trace.hpp"

namespace reprise::sim {

inline constexpr std::uint16_t kShardCount = 4;

class SimProcess {
 public:
  struct Parts {
    const Catalog& catalog;
    SimLog& log;
    SimClock& clock;
    Prng& prng;
    Marks& marks;
    Trace& trace;
    DiskFaults& faults;
  };
  // Recovers, as `reprise serve` does: checks the groups from the floor on.
  SimProcess(const Parts& parts, const ShardLimits& limits, const std::string& build);

  void give(ShardIndex shard, Input input);
  // Lets one shard with work take some of its inputs; false when none has work.
  bool step();
  // Gives the next group to the log, if there is one and no write is under way.
  // Errors, of both: unknown_outcome: nothing is ever written again, and the process has to end.
  Result<> begin_write();
  // Lets the write under way come to its end.
  Result<> end_write();
  // Answers one of the open reads.
  bool answer_read(bool fail);
  // The next action that may leave.
  std::optional<Action> take_action();
  void evict_idle();
  // From here on acknowledgements do not wait for the commit: a planted defect.
  void acknowledge_early() { early_ = true; }

  [[nodiscard]] bool writing() const { return parts_.log.writing(); }
  [[nodiscard]] bool idle() const;
  [[nodiscard]] std::optional<UtcTime> next_utc() const;
  [[nodiscard]] std::optional<SteadyTime> next_steady() const;
  [[nodiscard]] const Run* peek(const RunId& run) const;

 private:
  struct Held {
    BatchNumber position;
    std::vector<Action> actions;
  };
  struct Cell {
    std::unique_ptr<Shard> shard;
    std::deque<Input> inputs;
    std::deque<Held> held;
    BatchNumber position;
    BatchNumber committed;
    std::map<RunId, BatchNumber> written;  // the last batch that holds a record of the run
  };
  struct OpenRead {
    ShardIndex shard;
    Read read;
    std::optional<Input> answer;  // read already, not delivered yet
  };

  void recover();
  Result<> failed(const Result<>& outcome);
  bool has_work(const Cell& cell) const;
  void step(ShardIndex index, Cell& cell);
  void release(Cell& cell);

  Parts parts_;
  std::vector<Cell> cells_;
  std::optional<CommitPipeline> pipeline_;
  std::vector<OpenRead> reads_;
  std::deque<Action> actions_;
  bool early_ = false;
};

}  // namespace reprise::sim
