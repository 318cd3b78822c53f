#include "tests/sim/sim_process.hpp"

#include "engine/core/testing/failed_answer.hpp"
#include "engine/runtime/recovery.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

constexpr std::uint64_t kAppendsPerFault = 200;
constexpr std::uint64_t kSyncsPerFault = 300;
constexpr std::uint64_t kGroupsPerFloor = 8;  // the committer raises it once a second

}  // namespace

SimProcess::SimProcess(const Parts& parts, const ShardLimits& limits, const std::string& build)
    : parts_(parts), cells_(kShardCount) {
  recover();
  for (std::uint16_t i = 0; i < kShardCount; ++i)
    cells_[i].shard = std::make_unique<Shard>(
        ShardConfig{.index = ShardIndex(i), .build = build, .limits = limits}, parts_.catalog);
}

void SimProcess::recover() {
  const Result<GroupPosition> last = check_groups(parts_.log.durable(), parts_.log.floor());
  require(last.has_value(), "recovery: {}", last ? "" : last.error().detail);
  pipeline_.emplace(*last);
  parts_.trace.line("recovered at group {}", last->number);
}

void SimProcess::give(ShardIndex shard, Input input) {
  cells_[shard.value()].inputs.push_back(std::move(input));
}

bool SimProcess::has_work(const Cell& cell) const {
  const auto utc = cell.shard->next_utc();
  const auto steady = cell.shard->next_steady();
  return !cell.inputs.empty() || (utc && *utc <= parts_.clock.utc()) ||
         (steady && *steady <= parts_.clock.steady());
}

bool SimProcess::step() {
  const std::uint64_t first = parts_.prng.below(kShardCount);
  for (std::uint16_t i = 0; i < kShardCount; ++i) {
    const auto index = static_cast<std::uint16_t>((first + i) % kShardCount);
    if (!has_work(cells_[index])) continue;
    step(ShardIndex(index), cells_[index]);
    return true;
  }
  return false;
}

void SimProcess::step(ShardIndex index, Cell& cell) {
  std::vector<Input> inputs;
  for (std::uint64_t n = 1 + parts_.prng.below(8); n > 0 && !cell.inputs.empty(); --n) {
    inputs.push_back(std::move(cell.inputs.front()));
    cell.inputs.pop_front();
  }
  const std::size_t count = inputs.size();
  Step step = cell.shard->step({parts_.clock.utc(), parts_.clock.steady()}, std::move(inputs));
  const bool writes = !step.batch.empty();
  require(step.position == (writes ? cell.position.next() : cell.position),
          "shard {}: position {} after {}", index, step.position, cell.position);
  cell.position = step.position;
  parts_.trace.line("shard {} takes {}: batch {} of {} rows, {} reads, {} actions", index, count,
                    step.position, step.batch.rows().size(), step.reads.size(),
                    step.actions.size());
  for (Read& read : step.reads) {
    const auto* records = std::get_if<LoadRecords>(&read);
    if (records != nullptr && !records->wakes && records->due != UtcTime())
      parts_.marks.hit("load.hurried");
    OpenRead open{index, std::move(read), {}};
    if (parts_.prng.percent(50))
      open.answer = answer_of(parts_.log.durable(), index, open.read, testing::kSmallReads);
    reads_.push_back(std::move(open));
  }
  for (const GroupEntry& entry : step.entries) cell.written[entry.run] = step.position;
  if (writes)
    pipeline_->submit({index, step.position, std::move(step.batch), std::move(step.entries)});
  for (Dispatch& local : step.at_once) {
    parts_.marks.hit("step.ahead_of_its_commit");
    const auto last = cell.written.find(local.run);
    require(last == cell.written.end() || last->second <= cell.committed,
            "{}: local step {} begins, and what it rests on is not durable", local.run,
            local.command);
    actions_.emplace_back(std::move(local));
  }
  cell.held.push_back({step.position, std::move(step.actions)});
  release(cell);
}

Result<> SimProcess::begin_write() {
  if (writing()) return {};
  auto group = pipeline_->begin();
  if (!group) return {};
  parts_.trace.line("write group {}", group->position.number);
  if (const Result<> written =
          parts_.log.begin(std::move(*group), parts_.faults.on_append(kAppendsPerFault));
      !written)
    return failed(written);
  return {};
}

Result<> SimProcess::end_write() {
  if (!writing()) return {};
  if (const Result<> synced = parts_.log.end(parts_.faults.on_sync(kSyncsPerFault)); !synced)
    return failed(synced);
  for (const CommitPipeline::Done& done : pipeline_->succeeded()) {
    Cell& cell = cells_[done.shard.value()];
    require(cell.committed < done.number, "shard {}: batch {} done behind {}", done.shard,
            done.number, cell.committed);
    cell.committed = done.number;
    cell.inputs.emplace_back(Committed{done.number});
    release(cell);
  }
  if (parts_.prng.one_in(kGroupsPerFloor)) parts_.log.raise_floor(pipeline_->durable());
  parts_.trace.line("group {} is durable", pipeline_->durable().number);
  return {};
}

Result<> SimProcess::failed(const Result<>& outcome) {
  parts_.marks.hit("write.failed");
  parts_.trace.line("write failed: {}", outcome.error().detail);
  pipeline_->failed();
  require(!pipeline_->begin(), "a pipeline that failed goes on");
  return outcome;
}

void SimProcess::release(Cell& cell) {
  while (!cell.held.empty() && (early_ || cell.held.front().position <= cell.committed)) {
    for (Action& action : cell.held.front().actions) actions_.push_back(std::move(action));
    cell.held.pop_front();
  }
}

bool SimProcess::answer_read(bool fail) {
  if (reads_.empty()) return false;
  const std::size_t index = parts_.prng.below(reads_.size());
  OpenRead open = std::move(reads_[index]);
  reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(index));
  if (fail) {
    parts_.marks.hit("read.failed");
    open.answer = testing::failed_answer(open.read, Error{Errc::io, "injected", {}});
  } else if (!open.answer) {
    open.answer = answer_of(parts_.log.durable(), open.shard, open.read, testing::kSmallReads);
  }
  parts_.trace.line("shard {} gets the answer to read kind {}{}", open.shard, open.read.index(),
                    fail ? ", failed" : "");
  give(open.shard, std::move(*open.answer));
  return true;
}

std::optional<Action> SimProcess::take_action() {
  if (actions_.empty()) return std::nullopt;
  Action action = std::move(actions_.front());
  actions_.pop_front();
  return action;
}

void SimProcess::evict_idle() {
  const auto index = static_cast<std::uint16_t>(parts_.prng.below(kShardCount));
  const std::size_t before = cells_[index].shard->runs_cached();
  give(ShardIndex(index), EvictIdle{});
  parts_.trace.line("shard {} evicts what is idle of {} runs", index, before);
}

bool SimProcess::idle() const {
  for (const Cell& cell : cells_)
    if (has_work(cell) || !cell.held.empty()) return false;
  return !writing() && pipeline_->idle() && reads_.empty() && actions_.empty();
}

std::optional<UtcTime> SimProcess::next_utc() const {
  std::optional<UtcTime> earliest;
  for (const Cell& cell : cells_)
    if (const auto next = cell.shard->next_utc(); next && (!earliest || *next < *earliest))
      earliest = next;
  return earliest;
}

std::optional<SteadyTime> SimProcess::next_steady() const {
  std::optional<SteadyTime> earliest;
  for (const Cell& cell : cells_)
    if (const auto next = cell.shard->next_steady(); next && (!earliest || *next < *earliest))
      earliest = next;
  return earliest;
}

const Run* SimProcess::peek(const RunId& run) const {
  for (const Cell& cell : cells_)
    if (const Run* found = cell.shard->peek(run)) return found;
  return nullptr;
}

}  // namespace reprise::sim
