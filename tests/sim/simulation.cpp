#include "tests/sim/simulation.hpp"

#include <algorithm>

#include "engine/core/routing.hpp"
#include "engine/runtime/deletion.hpp"
#include "engine/runtime/recovery.hpp"
#include "tests/sim/invariants.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

// Streams of a seed beside those of its ticks, which count from 1.
constexpr std::uint64_t kFirstLife = 0;
constexpr std::uint64_t kCalm = std::uint64_t{1} << 32U;

// How often the disk fails under a recovery: one append, and one sync, in so many.
constexpr std::uint64_t kRecoveriesPerFault = 12;

}  // namespace

Simulation::Simulation(const SimOptions& options)
    : options_(options),
      script_(options.excerpt, options.noted),
      prng_(options.seed, kFirstLife),
      trace_(options.verbose),
      client_({log_, clock_, prng_, marks_, trace_, ledger_, good_}),
      workers_({.seed = options.seed,
                .prng = prng_,
                .log = log_,
                .clock = clock_,
                .marks = marks_,
                .trace = trace_,
                .script = script_,
                .ledger = ledger_,
                .give = [this](const WorkflowId& workflow, Input input) {
                  process_->give(shard_of(workflow.text(), kShardCount), std::move(input));
                }}) {
  for (std::uint64_t n = 3 + prng_.below(3); crash_at_.size() < n;)
    crash_at_.insert(
        static_cast<int>(10 + prng_.below(static_cast<std::uint64_t>(options.requests - 10))));
  if (options.defect == Defect::lost_group) log_.plant_loss(GroupNumber(40));
  restart();
}

void Simulation::start() {
  while (goes_on()) tick();
}

bool Simulation::goes_on() const {
  return script_.goes_on().value_or(requests_ < options_.requests || !crash_at_.empty());
}

// One thing happens. Whatever cannot happen now is skipped: another tick follows.
void Simulation::tick() {
  prng_ = Prng(options_.seed, static_cast<std::uint64_t>(script_.next_tick()));
  const std::uint64_t what = prng_.below(1000);
  if (what < 130) {
    request();
  } else if (what < 400) {
    process_->step();
  } else if (what < 480) {
    end_if_failed(process_->begin_write());
  } else if (what < 580) {
    end_if_failed(process_->end_write());
  } else if (what < 750) {
    process_->answer_read(prng_.one_in(150) && script_.allows(Deed::fault));
  } else if (what < 850) {
    for (std::uint64_t actions = 1 + prng_.below(6); actions > 0; --actions) act();
  } else if (what < 905) {
    for (std::uint64_t ends = 1 + prng_.below(4); ends > 0; --ends) end_activity();
  } else if (what < 935) {
    for (std::uint64_t words = 1 + prng_.below(4); words > 0; --words) workers_.work();
  } else if (what < 990) {
    advance();
  } else if (what < 995) {
    evict();
  } else if (what < 997) {
    jump_clock();
  } else if (!crash_at_.empty() && *crash_at_.begin() <= requests_) {
    crash_at_.erase(crash_at_.begin());
    if (script_.allows(Deed::crash)) crash();
  }
}

void Simulation::request() {
  if (requests_ == options_.requests) return;
  ++requests_;
  if (!script_.allows(Deed::request)) return;
  ++sent_;
  send(client_.next_request());
}

void Simulation::evict() {
  if (!script_.allows(Deed::fault)) return;
  process_->evict_idle();
  marks_.hit("evict.asked");
}

void Simulation::send(SimClient::Sent sent) {
  if (options_.defect == Defect::forgotten_key)
    if (const auto* signal = std::get_if<SignalInput>(&sent.input); signal && signal->request.key) {
      SignalInput copy = *signal;
      copy.id = RequestId();
      copy.request.key = {};
      process_->give(sent.shard, std::move(copy));
    }
  process_->give(sent.shard, std::move(sent.input));
}

// The next action that may leave reaches the outside.
void Simulation::act() {
  std::optional<Action> action = process_->take_action();
  if (!action) return;
  if (const auto* reply = std::get_if<Reply>(&*action)) {
    if (SimWorkers::is_asked_by_worker(*reply))
      workers_.on_reply(*reply);
    else if (reply->id != RequestId())
      client_.on_reply(*reply);
  } else if (const auto* begun = std::get_if<Dispatch>(&*action)) {
    dispatch(*begun);
  } else if (auto* post = std::get_if<Post>(&*action)) {
    process_->give(shard_of(post->to.text(), kShardCount), std::move(*post->content));
  } else if (const auto* cancel = std::get_if<CancelAttempt>(&*action)) {
    marks_.hit("action.cancel_attempt");
    activities_->cancel(*cancel);
    workers_.cancel(*cancel);
  }
}

void Simulation::dispatch(const Dispatch& dispatch) {
  trace_.line("dispatch {} command {} attempt {} {}", dispatch.run, dispatch.command,
              dispatch.attempt, dispatch.queue);
  if (dispatch.queue.empty())
    activities_->start(dispatch, clock_.steady());
  else
    workers_.queue(dispatch);
}

void Simulation::end_activity() {
  std::optional<SimActivities::Ended> ended = activities_->take(clock_.steady());
  if (!ended) return;
  const AttemptEnded& what = ended->ended;
  trace_.line("{} command {} attempt {} ends {}", what.run, what.command, what.attempt,
              what.outcome ? "well" : what.outcome.error().type);
  ledger_.gave({what.run, what.command, what.attempt}, what.outcome);
  if (options_.defect == Defect::forged_result && what.outcome) ended->ended.outcome->bytes += "?";
  const ShardIndex shard = shard_of(ended->workflow.text(), kShardCount);
  process_->give(shard, std::move(ended->ended));
}

void Simulation::advance() {
  if (process_->idle() && advance_to_next()) return;
  clock_.advance(microseconds(prng_.between(0, 40'000)));
}

// To the next time at which anything is due; false when nothing is.
bool Simulation::advance_to_next() {
  std::optional<Duration> wait;
  const auto consider = [&](Duration duration) {
    if (!wait || duration < *wait) wait = duration;
  };
  if (const auto utc = process_->next_utc()) consider(*utc - clock_.utc());
  if (const auto steady = process_->next_steady()) consider(*steady - clock_.steady());
  if (const auto steady = activities_->next()) consider(*steady - clock_.steady());
  if (const auto steady = workers_.next()) consider(*steady - clock_.steady());
  if (!wait) return false;
  clock_.advance(std::max(*wait, Duration(0)) + microseconds(prng_.between(0, 5)));
  trace_.line("it is {}", to_rfc3339(clock_.utc()));
  return true;
}

void Simulation::jump_clock() {
  if (!script_.allows(Deed::fault)) return;
  const bool ahead = prng_.percent(50);
  marks_.hit(ahead ? "clock.jumps_ahead" : "clock.jumps_back");
  const Duration by = prng_.percent(50) ? Duration(hours(1)) : milliseconds(prng_.between(1, 5000));
  clock_.jump(ahead ? by : -by);
  trace_.line("the wall clock jumps to {}", to_rfc3339(clock_.utc()));
}

// The disk did not do what it was asked: the outcome is unknown, and the process ends itself.
void Simulation::end_if_failed(const Result<>& written) {
  if (!written) crash();
}

void Simulation::crash() {
  trace_.line("crash {}", ++crashes_);
  const bool writing = log_.writing();
  const GroupNumber before = log_.last();
  recover_log();
  marks_.hit(!writing               ? "crash.between_writes"
             : before < log_.last() ? "crash.group_applied"
                                    : "crash.group_lost");
  damage_log();
  check_everything();
  process_.reset();
  client_.connection_lost();
  is_broken_ = !is_broken_ && prng_.percent(25);
  if (is_broken_) marks_.hit("deploy.broken");
  restart();
}

// Until a process finds the log whole and can write: each may end while it recovers.
void Simulation::recover_log() {
  const GroupNumber told = log_.told();
  for (;;) {
    lose_power();
    const DiskFault on_append = disk_faults_.on_append(kRecoveriesPerFault);
    const Result<> found = log_.recover(on_append, disk_faults_.on_sync(kRecoveriesPerFault));
    require(found || found.error().code == Errc::unknown_outcome, "recovery refuses: {}",
            found ? "" : found.error().detail);
    require(told <= log_.last(), "group {} was acknowledged, and the disk has {} groups", told,
            log_.last());
    if (found) return;
    marks_.hit("crash.during_recovery");
  }
}

// Or the process ended alone, and the page cache is as it was.
void Simulation::lose_power() {
  const testing::Tail tail = prng_.pick(testing::kTails);
  const bool unsynced = log_.has_unsynced();
  if (prng_.percent(25)) {
    if (unsynced) marks_.hit("disk.cache_survives");
    return;
  }
  if (unsynced) marks_.hit(fmt::format("disk.tail_{}", to_string(tail)));
  trace_.line("the power is lost; what was not synced is {}", to_string(tail));
  log_.lose_power(tail, prng_.next());
}

// A log that lost what stands at or below its floor is refused. Seen on a copy.
void Simulation::damage_log() {
  const GroupNumber floor = log_.floor().group;
  if (floor == GroupNumber() || !prng_.one_in(4)) return;
  const GroupNumber which(1 + prng_.below(floor.value()));
  SimLog damaged = log_.damaged(which, prng_.next());
  require(!damaged.recover() || !check_groups(damaged.durable(), damaged.floor()),
          "group {} is damaged, the floor is {}, and recovery does not see it", which, floor);
  marks_.hit("disk.damage_refused");
}

void Simulation::restart() {
  ledger_.given.clear();
  workers_.engine_began();
  activities_.emplace(SimActivities::Parts{options_.seed, prng_, marks_, script_});
  process_ =
      std::make_unique<SimProcess>(SimProcess::Parts{is_broken_ ? broken_ : good_, log_, clock_,
                                                     prng_, marks_, trace_, disk_faults_},
                                   some_limits(), is_broken_ ? "broken" : "good");
  if (options_.defect == Defect::early_acknowledgement) process_->acknowledge_early();
}

ShardLimits Simulation::some_limits() {
  ShardLimits limits;
  if (prng_.percent(60)) limits.runs_cached_max = 1 + prng_.below(10);
  if (prng_.percent(60)) limits.waking_max = 1 + prng_.below(4);
  if (prng_.percent(30)) limits.inputs_per_record_max = 1 + prng_.below(4);
  return limits;
}

void Simulation::check_everything() {
  const EventLog& log = log_.durable();
  const StoreImage image = read_store(log, ledger_);
  check_rows(log, image, good_);
  check_promises(log, image, ledger_);
  check_replay(log, image, good_);
  if (!is_broken_) check_live(*process_, log, image, good_, marks_);
  runs_ = image.runs.size();
  events_ = 0;
  for (const auto& [run, history] : image.histories) events_ += history.events.size();
}

// Everything that can happen without time passing.
void Simulation::drain() {
  for (int turns = 0; !process_->idle(); ++turns) {
    require(turns < 100'000, "the engine is never idle, although nothing comes from outside");
    process_->step();
    require(process_->begin_write() && process_->end_write(), "a healthy disk fails");
    process_->answer_read(false);
    act();
  }
}

// What the engine does at a start, and behind a caller who gave up.
void Simulation::finish_deletions() {
  for (int turns = 0;; ++turns) {
    const auto half_deleted = half_deleted_runs(log_.durable(), {});
    if (half_deleted->runs.empty()) return;
    require(turns < 1000, "{} deletions do not end", half_deleted->runs.size());
    for (const RunName& name : half_deleted->runs)
      if (auto page = client_.delete_some(name.workflow, name.run)) send(std::move(*page));
    drain();
  }
}

void Simulation::check() {
  prng_ = Prng(options_.seed, kCalm);
  disk_faults_.calm();
  if (is_broken_) crash();
  activities_->calm();
  workers_.calm();
  for (int round = 0; round < 4; ++round) {
    for (int steps = 0;; ++steps) {
      require(steps < 100'000, "time passes, and there is always something left to do");
      drain();
      workers_.poll_everywhere();
      if (!process_->idle()) continue;
      const auto due = activities_->next();
      if (due && *due <= clock_.steady())
        end_activity();
      else if (!workers_.say_next() && !advance_to_next())
        break;
    }
    for (const auto& [run, state] : read_store(log_.durable(), ledger_).states)
      if (!state.closed()) {
        if (state.paused()) send(client_.unpause(state.started()->workflow, run));
        require(state.paused() || state.started()->type == "gate", "{} does not end: it is a {}",
                run, state.started()->type);
        if (state.started()->type == "gate")
          send(client_.signal(state.started()->workflow, run, "go"));
      }
  }
  finish_deletions();
  require(client_.open_requests() == 0, "{} requests are never answered", client_.open_requests());
  check_everything();
  const StoreImage image = read_store(log_.durable(), ledger_);
  for (const auto& [run, state] : image.states) require(state.closed(), "{} does not end", run);
  mark_events(image, marks_);
}

SimReport Simulation::report() {
  return {.seed = options_.seed,
          .trace_hash = trace_.hash(),
          .requests = sent_,
          .crashes = crashes_,
          .runs = runs_,
          .events = events_,
          .marks = marks_,
          .violation = {},
          .last_lines = trace_.tail()};
}

}  // namespace reprise::sim
