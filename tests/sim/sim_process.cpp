#include "tests/sim/sim_process.hpp"

#include "engine/core/testing/log_answers.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {

SimProcess::SimProcess(const Parts& parts, const ShardLimits& limits, const std::string& build)
    : parts_(parts), cells_(kShardCount) {
  recover();
  for (std::uint16_t i = 0; i < kShardCount; ++i)
    cells_[i].shard = std::make_unique<Shard>(
        ShardConfig{.index = ShardIndex(i), .build = build, .limits = limits}, parts_.catalog);
}

void SimProcess::recover() {
  const EventLog& log = parts_.log.durable();
  GroupChain chain(parts_.log.floor());
  const GroupNumber floor = parts_.log.floor().number;
  const Result<> at_floor = chain.check_floor(*log.get(Table::group, group_key(floor)));
  require(at_floor.has_value(), "recovery: {}", at_floor ? "" : at_floor.error().detail);
  const auto rows =
      log.scan(Table::group, {.from = group_key(floor.next()), .to = {}, .limit = SIZE_MAX});
  for (const KeyValue& row : *rows) {
    const Result<> ok = chain.follow(GroupNumber(read_big_endian(row.key)), row.value);
    require(ok.has_value(), "recovery: {}", ok ? "" : ok.error().detail);
  }
  pipeline_.emplace(chain.position());
  parts_.log.raise_floor(chain.position());
  parts_.trace.line("recovered at group {}", chain.position().number);
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
    OpenRead open{index, std::move(read), {}};
    if (parts_.prng.percent(50))
      open.answer = testing::answer(parts_.log.durable(), index, open.read);
    reads_.push_back(std::move(open));
  }
  if (writes)
    pipeline_->submit({index, step.position, std::move(step.batch), std::move(step.entries)});
  if (!step.at_once.empty()) parts_.marks.hit("step.ahead_of_its_commit");
  for (Dispatch& local : step.at_once) actions_.emplace_back(std::move(local));
  cell.held.push_back({step.position, std::move(step.actions)});
  release(cell);
}

bool SimProcess::begin_write() {
  if (writing()) return false;
  auto group = pipeline_->begin();
  if (!group) return false;
  parts_.trace.line("write group {}", group->position.number);
  parts_.log.begin(std::move(*group));
  return true;
}

bool SimProcess::end_write() {
  if (!writing()) return false;
  parts_.log.apply();
  for (const CommitPipeline::Done& done : pipeline_->succeeded()) {
    Cell& cell = cells_[done.shard.value()];
    require(cell.committed < done.number, "shard {}: batch {} done behind {}", done.shard,
            done.number, cell.committed);
    cell.committed = done.number;
    cell.inputs.emplace_back(Committed{done.number});
    release(cell);
  }
  parts_.log.raise_floor(pipeline_->durable());
  parts_.trace.line("group {} is durable", pipeline_->durable().number);
  return true;
}

void SimProcess::write_failed() {
  pipeline_->failed();
  require(!pipeline_->begin(), "a pipeline that failed goes on");
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
    open.answer = testing::answer(parts_.log.durable(), open.shard, open.read);
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
