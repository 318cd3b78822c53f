#include "tests/sim/simulation.hpp"

#include <algorithm>

#include "engine/core/routing.hpp"
#include "tests/sim/invariants.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;

Simulation::Simulation(const SimOptions& options)
    : options_(options),
      prng_(options.seed),
      trace_(options.verbose),
      client_({log_.durable(), clock_, prng_, marks_, trace_, ledger_}) {
  for (std::uint64_t n = 3 + prng_.below(3); crash_at_.size() < n;)
    crash_at_.insert(
        static_cast<int>(10 + prng_.below(static_cast<std::uint64_t>(options.requests - 10))));
  if (options.defect == Defect::lost_group) log_.plant_loss(GroupNumber(40));
  restart();
}

void Simulation::start() {
  while (requests_ < options_.requests || !crash_at_.empty()) tick();
}

// One thing happens. Whatever cannot happen now is skipped: another tick follows.
void Simulation::tick() {
  const std::uint64_t what = prng_.below(1000);
  if (what < 130) {
    if (requests_ < options_.requests) ++requests_, send(client_.next_request());
  } else if (what < 400) {
    process_->step();
  } else if (what < 480) {
    process_->begin_write();
  } else if (what < 580) {
    process_->end_write();
  } else if (what < 750) {
    process_->answer_read(prng_.one_in(150));
  } else if (what < 850) {
    for (std::uint64_t actions = 1 + prng_.below(6); actions > 0; --actions) act();
  } else if (what < 920) {
    for (std::uint64_t ends = 1 + prng_.below(4); ends > 0; --ends) end_activity();
  } else if (what < 990) {
    advance();
  } else if (what < 995) {
    process_->evict_idle();
    marks_.hit("evict.asked");
  } else if (what < 997) {
    jump_clock();
  } else if (what == 998 && prng_.one_in(3)) {
    fail_write();
  } else if (!crash_at_.empty() && *crash_at_.begin() <= requests_) {
    crash_at_.erase(crash_at_.begin());
    crash();
  }
}

void Simulation::send(SimClient::Sent sent) {
  if (options_.defect == Defect::forgotten_key)
    if (const auto* signal = std::get_if<SignalInput>(&sent.input); signal && signal->request.key) {
      SignalInput copy = *signal;
      copy.id = RequestId();
      copy.request.key.reset();
      process_->give(sent.shard, std::move(copy));
    }
  process_->give(sent.shard, std::move(sent.input));
}

// The next action that may leave reaches the outside.
void Simulation::act() {
  std::optional<Action> action = process_->take_action();
  if (!action) return;
  if (const auto* reply = std::get_if<Reply>(&*action)) {
    if (reply->id != RequestId()) client_.on_reply(*reply);
  } else if (const auto* dispatch = std::get_if<Dispatch>(&*action)) {
    trace_.line("dispatch {} command {} attempt {}", dispatch->run, dispatch->command,
                dispatch->attempt);
    activities_->start(*dispatch, clock_.steady());
  } else if (auto* post = std::get_if<Post>(&*action)) {
    process_->give(shard_of(post->to.text(), kShardCount), std::move(*post->content));
  } else if (const auto* cancel = std::get_if<CancelAttempt>(&*action)) {
    marks_.hit("action.cancel_attempt");
    activities_->cancel(*cancel);
  }
}

void Simulation::end_activity() {
  std::optional<SimActivities::Ended> ended = activities_->take(clock_.steady());
  if (!ended) return;
  const AttemptEnded& what = ended->ended;
  trace_.line("{} command {} attempt {} ends {}", what.run, what.command, what.attempt,
              what.outcome ? "well" : what.outcome.error().type);
  const AttemptName name{what.run, what.command, what.attempt};
  if (answered_.insert(name).second) ledger_.outcomes[name].push_back(what.outcome);
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
  if (!wait) return false;
  clock_.advance(std::max(*wait, Duration(0)) + microseconds(prng_.between(0, 5)));
  trace_.line("it is {}", to_rfc3339(clock_.utc()));
  return true;
}

void Simulation::jump_clock() {
  const bool ahead = prng_.percent(50);
  marks_.hit(ahead ? "clock.jumps_ahead" : "clock.jumps_back");
  const Duration by = prng_.percent(50) ? Duration(hours(1)) : milliseconds(prng_.between(1, 5000));
  clock_.jump(ahead ? by : -by);
  trace_.line("the wall clock jumps to {}", to_rfc3339(clock_.utc()));
}

// The log does not answer: the outcome is unknown, and the process ends itself.
void Simulation::fail_write() {
  if (!process_->writing()) return;
  process_->write_failed();
  marks_.hit("write.failed");
  crash();
}

void Simulation::crash() {
  ++crashes_;
  if (!log_.writing()) {
    marks_.hit("crash.between_writes");
  } else if (prng_.percent(50)) {
    marks_.hit("crash.group_applied");
    log_.apply();
  } else {
    marks_.hit("crash.group_lost");
    log_.drop();
  }
  trace_.line("crash {}", crashes_);
  check_everything();
  process_.reset();
  client_.connection_lost();
  is_broken_ = !is_broken_ && prng_.percent(25);
  if (is_broken_) marks_.hit("deploy.broken");
  restart();
}

void Simulation::restart() {
  answered_.clear();
  activities_.emplace(prng_, marks_);
  process_ = std::make_unique<SimProcess>(
      SimProcess::Parts{is_broken_ ? broken_ : good_, log_, clock_, prng_, marks_, trace_},
      some_limits(), is_broken_ ? "broken" : "good");
  if (options_.defect == Defect::early_acknowledgement) process_->acknowledge_early();
}

ShardLimits Simulation::some_limits() {
  ShardLimits limits;
  if (prng_.percent(60)) limits.runs_cached_max = 1 + prng_.below(10);
  if (prng_.percent(60)) limits.loads_max = 1 + prng_.below(4);
  if (prng_.percent(30)) limits.inputs_per_record_max = 1 + prng_.below(4);
  return limits;
}

void Simulation::check_everything() {
  const EventLog& log = log_.durable();
  const StoreImage image = read_store(log);
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
    process_->begin_write();
    process_->end_write();
    process_->answer_read(false);
    act();
  }
}

void Simulation::check() {
  if (is_broken_) crash();
  activities_->calm();
  for (int round = 0; round < 4; ++round) {
    for (int steps = 0;; ++steps) {
      require(steps < 100'000, "time passes, and there is always something left to do");
      drain();
      const auto due = activities_->next();
      if (due && *due <= clock_.steady())
        end_activity();
      else if (!advance_to_next())
        break;
    }
    for (const auto& [run, state] : read_store(log_.durable()).states)
      if (!state.closed()) {
        if (state.paused()) send(client_.unpause(state.started()->workflow, run));
        require(state.paused() || state.started()->type == "gate", "{} does not end: it is a {}",
                run, state.started()->type);
        if (state.started()->type == "gate")
          send(client_.signal(state.started()->workflow, run, "go"));
      }
  }
  require(client_.open_requests() == 0, "{} requests are never answered", client_.open_requests());
  check_everything();
  const StoreImage image = read_store(log_.durable());
  for (const auto& [run, state] : image.states) require(state.closed(), "{} does not end", run);
  mark_events(image, marks_);
}

SimReport Simulation::report() {
  return {.seed = options_.seed,
          .trace_hash = trace_.hash(),
          .requests = requests_,
          .crashes = crashes_,
          .runs = runs_,
          .events = events_,
          .marks = marks_,
          .violation = {},
          .last_lines = trace_.tail()};
}

}  // namespace reprise::sim
