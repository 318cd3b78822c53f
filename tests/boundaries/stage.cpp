#include "tests/boundaries/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <utility>

#include "activities/net/testing/run_coroutine.hpp"
#include "engine/core/commit_pipeline.hpp"
#include "engine/core/shard.hpp"
#include "engine/reads/log_answers.hpp"
#include "engine/runtime/log_reads.hpp"
#include "engine/runtime/recovery.hpp"
#include "engine/runtime/verify.hpp"
#include "storage/memory_log.hpp"

namespace reprise::testing {
namespace {

constexpr std::size_t kEventsPerRead = 10'000;
constexpr Duration kStepTime = std::chrono::milliseconds(1);
constexpr int kMovesMax = 100'000;
const WorkflowId kWorkflow("story");

template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(to_string(result.error()));
  return std::move(*result);
}

// What outlives a crash: the log, the time, and a client that knows what was acknowledged.
struct World {
  const Catalog& catalog;
  const ActivityRegistry& activities;
  const Story& story;
  MemoryLog log;
  Moment now{UtcTime::from_micros(1'800'000'000'000'000), SteadyTime::from_micros(1'000'000)};
  std::size_t commits = 0;
  std::size_t acknowledged = 0;  // the start, then each signal
};

IdempotencyKey key_of(std::size_t saying) {
  const std::string key = fmt::format("saying-{}", saying);
  return {.tenant = {}, .key = key, .request = digest_of(key)};
}

Input start_of(const Story& story) {
  return StartInput{.id = RequestId(0),
                    .request = {.type = story.type,
                                .workflow = kWorkflow,
                                .input = Payload{story.input},
                                .key = key_of(0)},
                    .entropy_high = 7,
                    .entropy_low = 11};
}

Input signal_of(const Story& story, std::size_t saying) {
  const Saying& said = story.signals[saying - 1];
  return SignalInput{.id = RequestId(saying),
                     .request = {.workflow = kWorkflow,
                                 .run = {},
                                 .name = said.name,
                                 .payload = Payload{said.payload},
                                 .key = key_of(saying)}};
}

// One life of the engine, from recovery to the end of the run or to the crash.
class Life {
 public:
  Life(World& world, std::optional<std::size_t> stop_after)
      : world_(world),
        stop_after_(stop_after),
        shard_({.index = ShardIndex(0), .build = "stage", .limits = {}}, world.catalog),
        pipeline_(must(check_groups(world.log, {}))) {}

  // True when the story is over, false when this life is.
  bool run() {
    for (int moves = 0; moves < kMovesMax; ++moves) {
      if (is_cut_off_) return false;
      if (!move()) return true;
    }
    throw std::runtime_error("the story does not end");
  }

 private:
  // False when nothing is left to do.
  bool move() {
    if (!inputs_.empty() || is_due()) {
      take_step();
      return true;
    }
    if (!work_.empty()) {
      do_oldest_work();
      return true;
    }
    if (!is_speaking_ && world_.acknowledged <= world_.story.signals.size()) {
      is_speaking_ = true;
      inputs_.push_back(world_.acknowledged == 0 ? start_of(world_.story)
                                                 : signal_of(world_.story, world_.acknowledged));
      return true;
    }
    return wait_for_a_timer();
  }

  [[nodiscard]] bool is_due() const {
    const auto utc = shard_.next_utc();
    const auto steady = shard_.next_steady();
    return (utc && *utc <= world_.now.utc) || (steady && *steady <= world_.now.steady);
  }

  void pass(Duration time) {
    world_.now.utc = world_.now.utc + time;
    world_.now.steady = world_.now.steady + time;
  }

  bool wait_for_a_timer() {
    const auto next = shard_.next_utc();
    if (!next) return false;
    pass(*next - world_.now.utc);
    return true;
  }

  void take_step() {
    std::vector<Input> inputs;
    if (!inputs_.empty()) {
      inputs.push_back(std::move(inputs_.front()));
      inputs_.pop_front();
    }
    pass(kStepTime);
    Step step = shard_.step(world_.now, std::move(inputs));
    for (const Read& read : step.reads)
      inputs_.push_back(answer_of(world_.log, ShardIndex(0), read));
    if (!step.batch.empty()) {
      commit({ShardIndex(0), step.position, std::move(step.batch), std::move(step.entries)});
      is_cut_off_ = stop_after_ == world_.commits;
    }
    if (is_cut_off_) return;
    for (Action& action : step.actions) std::visit([this](auto& what) { act(what); }, action);
  }

  void commit(CommitPipeline::Submission submission) {
    pipeline_.submit(std::move(submission));
    const auto group = pipeline_.begin();
    if (const Result<> written = world_.log.append(group->batches); !written)
      throw std::runtime_error(to_string(written.error()));
    ++world_.commits;
    for (const CommitPipeline::Done& done : pipeline_.succeeded())
      inputs_.push_front(Committed{done.number});
  }

  void act(Reply& reply) {
    if (!reply.answer)
      throw std::runtime_error(fmt::format("saying {} was refused: {}", reply.id.value(),
                                           to_string(reply.answer.error())));
    is_speaking_ = false;
    world_.acknowledged = reply.id.value() + 1;
  }
  void act(Dispatch& dispatch) { work_.push_back(std::move(dispatch)); }
  void act(const CancelAttempt& cancel) {
    std::erase_if(work_, [&](const Dispatch& work) { return work.command == cancel.command; });
  }
  void act(const Notify&) {}
  void act(Post& post) { inputs_.push_back(std::move(*post.content)); }  // there is one shard

  void do_oldest_work() {
    Dispatch work = std::move(work_.front());
    work_.pop_front();
    const ActivityBody* body = world_.activities.find(work.name, work.version);
    if (body == nullptr) throw std::runtime_error("no activity " + work.name);
    ActivityInvocation invocation{.workflow = work.workflow,
                                  .run = work.run,
                                  .command = work.command,
                                  .attempt = attempt_that_counts(work),
                                  .name = work.name,
                                  .provider = work.provider,
                                  .input = std::move(work.input),
                                  .deadline = SteadyTime::max()};
    inputs_.push_back(AttemptEnded{work.run, work.command, work.attempt,
                                   run_coroutine((*body)(std::move(invocation)))});
  }

  // A body that fails its first attempt has to fail the first one whose outcome is recorded, as the
  // world outside would look different otherwise. So lost attempts are not counted for it.
  [[nodiscard]] Attempt attempt_that_counts(const Dispatch& work) const {
    std::uint32_t lost = 0;
    for (const Event& event :
         must(read_events(world_.log, work.run, Sequence(), kEventsPerRead)).events)
      if (const auto* note = std::get_if<ActivityAttemptLost>(&event.body))
        lost += note->command == work.command ? 1 : 0;
    return Attempt(work.attempt.value() - lost);
  }

  World& world_;
  std::optional<std::size_t> stop_after_;
  Shard shard_;
  CommitPipeline pipeline_;
  std::deque<Input> inputs_;
  std::deque<Dispatch> work_;  // dispatched, not yet done
  bool is_speaking_ = false;
  bool is_cut_off_ = false;
};

void verify(const World& world, const RunId& run) {
  const StoreReport report = verify_store(world.log, world.catalog, {});
  if (!report.faults.empty()) throw std::runtime_error(to_string(report.faults.front()));
  if (const auto difference = must(replay_run(world.log, world.catalog, run)).difference)
    throw std::runtime_error(
        fmt::format("replay differs at event {}: {} in the log, {} by the code", difference->at,
                    difference->expected, difference->found));
}

}  // namespace

Ending Stage::play(const Story& story, std::optional<std::size_t> stop_after) const {
  World world{.catalog = catalog_, .activities = activities_, .story = story};
  while (!Life(world, stop_after).run()) stop_after.reset();

  const RunId run = must(read_workflow(world.log, kWorkflow)).run;
  verify(world, run);
  return {.view = must(read_view(world.log, catalog_, kWorkflow, run)),
          .events = must(read_events(world.log, run, Sequence(), kEventsPerRead)).events,
          .commits = world.commits};
}

}  // namespace reprise::testing
