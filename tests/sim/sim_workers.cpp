#include "tests/sim/sim_workers.hpp"

#include <algorithm>
#include <array>

#include "tests/sim/histories.hpp"
#include "tests/sim/invariants.hpp"
#include "tests/sim/sim_activities.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kWorkerIds = std::uint64_t{1} << 40U;  // above those of callers
constexpr std::size_t kPollsMax = 6;
constexpr QueueLimits kLimits{.attempts_max = 8, .polls_max = 4, .ended_max = 20};

// Not of the attempt, but of what stands between: it can be had again.
bool is_passing(const Error& error) {
  return error.code == Errc::io || error.code == Errc::overloaded ||
         error.code == Errc::unavailable;
}

}  // namespace

void SimWorkers::engine_began() {
  ++epoch_;
  queues_.emplace(kLimits);
  polls_.clear();
  leased_.clear();
  // Nobody answers: a worker says its word again, to the next engine.
  for (auto& [id, call] : std::exchange(calls_, {}))
    if (auto* word = std::get_if<Word>(&call); word != nullptr && word->outcome)
      due_.emplace(parts_.clock.steady() + milliseconds(50), std::move(*word));
}

bool SimWorkers::is_asked_by_worker(const Reply& reply) { return reply.id.value() >= kWorkerIds; }

RequestId SimWorkers::next_id() { return RequestId(kWorkerIds + ++requests_); }

void SimWorkers::calm() {
  calm_ = true;
  while (!polls_.empty()) leave();
}

void SimWorkers::queue(const Dispatch& dispatch) {
  const AttemptKey key{dispatch.run, dispatch.command, dispatch.attempt};
  const Result<> queued =
      queues_->add(dispatch.queue, {dispatch.workflow, key, dispatch.name, *dispatch.wait}, now());
  if (queued) return hand_out();
  parts_.marks.hit("queue.full");
  const Outcome full = std::unexpected(ActivityFailure{.type = "queue_full"});
  parts_.ledger.gave({key.run, key.command, key.attempt}, full);
  parts_.give(dispatch.workflow, AttemptEnded{key.run, key.command, key.attempt, full});
}

void SimWorkers::cancel(const CancelAttempt& cancel) {
  queues_->cancel(cancel, now());
  hand_out();
}

void SimWorkers::work() {
  if (queues_->next() && *queues_->next() <= now()) queues_->advance(now());
  hand_out();
  const std::uint64_t what = parts_.prng.below(100);
  if (what < 45) return poll(parts_.prng.percent(60) ? "near" : "far");
  if (what < 50 && !polls_.empty() && parts_.script.allows(Deed::fault)) return leave();
  say_next();
}

void SimWorkers::poll_everywhere() {
  for (const char* queue : {"near", "far"})
    if (queues_->figures(queue).polls == 0) poll(queue);
}

void SimWorkers::poll(const std::string& queue) {
  if (polls_.size() >= kPollsMax && !calm_) return;
  const PollId id = last_poll_ = last_poll_.next();
  std::vector<std::string> names;
  if (calm_ || parts_.prng.percent(60)) names.emplace_back("sim.work");
  if (!calm_ && parts_.prng.percent(5)) names = {"another.activity"};
  polls_.insert(id);
  const Result<> entered = queues_->poll(id, queue, std::move(names), now());
  if (!entered) {
    polls_.erase(id);
    return parts_.marks.hit("queue.polls_full");
  }
  hand_out();
  parts_.trace.line("poll {} at {}: {}", id, queue, polls_.contains(id) ? "waits" : "an attempt");
}

void SimWorkers::leave() {
  queues_->leave(*polls_.begin());
  polls_.erase(polls_.begin());
  parts_.marks.hit("worker.leaves");
}

void SimWorkers::hand_out() {
  for (const ActivityQueues::Match& match : queues_->granted()) {
    require(match.poll.has_value(), "{}: remote work begins in the process", match.attempt.key.run);
    require(polls_.erase(*match.poll) == 1, "poll {} gets an attempt and does not wait",
            *match.poll);
    ask_for(match.attempt);
  }
}

void SimWorkers::ask_for(const QueuedAttempt& attempt) {
  const RequestId id = next_id();
  const AttemptKey& key = attempt.key;
  calls_.emplace(id, attempt);
  parts_.give(attempt.workflow, AttemptTaken{id, key.run, key.command, key.attempt});
}

void SimWorkers::on_reply(const Reply& reply) {
  auto call = calls_.extract(reply.id);
  require(!call.empty(), "worker's request {} is answered twice, or was never sent", reply.id);
  if (const auto* attempt = std::get_if<QueuedAttempt>(&call.mapped()))
    taken(*attempt, reply.answer);
  else
    answered(std::move(std::get<Word>(call.mapped())), reply.answer);
}

void SimWorkers::taken(const QueuedAttempt& attempt, const Result<Answer>& answer) {
  const AttemptKey& key = attempt.key;
  const auto* work = answer ? std::get_if<AttemptWork>(&*answer) : nullptr;
  parts_.trace.line("{} command {} attempt {} {} a worker", key.run, key.command, key.attempt,
                    work != nullptr ? "goes to" : "is refused to");
  if (work != nullptr) {
    require(leased_.insert(key).second, "{}: attempt {} of command {} is given to two workers",
            key.run, key.attempt, key.command);
    begin({epoch_, attempt.workflow, key}, *work);
  } else if (!answer && is_passing(answer.error())) {
    parts_.marks.hit("queue.put_back");
    queues_->put_back(key, now());
  } else {
    queues_->end(key, AttemptAnswer::stale, now());
  }
  hand_out();
}

void SimWorkers::begin(const AttemptToken& token, const AttemptWork& work) {
  own_ = Prng(parts_.seed, stream_of(token.key));
  if (!calm_ && parts_.script.allows(Deed::fault)) return misbehave(token, work);
  due_.emplace(parts_.clock.steady() + milliseconds(1),
               Word{token, Payload{fmt::format("remote answer {}", ++answers_)}});
}

void SimWorkers::misbehave(const AttemptToken& token, const AttemptWork& work) {
  const SteadyTime begins = now();
  const std::uint64_t mood = own_.below(100);
  if (mood < 6) return parts_.marks.hit("worker.never_answers");
  SteadyTime end = begins + milliseconds(own_.between(0, mood < 40 ? 2000 : 200));
  if (mood < 16) {
    parts_.marks.hit("worker.answers_late");
    end = begins + work.time_left + milliseconds(own_.between(1, 3000));
  } else if (mood < 24 && work.heartbeat_timeout > Duration(0)) {
    parts_.marks.hit("worker.falls_silent");
    end = begins + work.heartbeat_timeout + milliseconds(own_.between(1, 1000));
  } else if (work.heartbeat_timeout > Duration(0)) {
    for (SteadyTime beat = begins; beat < end; beat = beat + work.heartbeat_timeout / 2)
      due_.emplace(beat, Word{token, std::nullopt});
  }
  const Outcome outcome = some_outcome();
  due_.emplace(end, Word{token, outcome});
  const SteadyTime again = end + milliseconds(own_.between(0, 100));
  if (mood >= 70 && mood < 80) {
    parts_.marks.hit("worker.answers_twice");
    due_.emplace(again, Word{token, outcome});
  } else if (mood >= 80 && mood < 90) {
    parts_.marks.hit("worker.contradicts_itself");
    due_.emplace(again, Word{token, some_outcome()});
  }
}

Outcome SimWorkers::some_outcome() {
  if (own_.percent(25))
    return std::unexpected(ActivityFailure{.type = "flaky", .message = "not today"});
  return Payload{fmt::format("remote answer {}", ++answers_)};
}

std::optional<SteadyTime> SimWorkers::next() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

bool SimWorkers::say_next() {
  if (due_.empty() || parts_.clock.steady() < due_.begin()->first) return false;
  say(std::move(due_.extract(due_.begin()).mapped()));
  return true;
}

void SimWorkers::say(Word word) {
  const AttemptKey key = word.token.key;
  parts_.trace.line("worker of {} command {} attempt {}, epoch {}: {}", key.run, key.command,
                    key.attempt, word.token.epoch, word.outcome ? "ended" : "alive");
  if (word.token.epoch != epoch_) {
    parts_.marks.hit("worker.outlives_the_engine");
    return stop(word.token);
  }
  if (word.outcome && queues_->ended(key)) {
    parts_.marks.hit("worker.hears_how_it_ended");
    if (queues_->ended(key) == AttemptAnswer::recorded) require_recorded(word.token);
    return;
  }
  const RequestId id = next_id();
  const WorkflowId workflow = word.token.workflow;
  if (word.outcome) {
    parts_.ledger.gave({key.run, key.command, key.attempt}, *word.outcome);
    parts_.give(workflow, AttemptEnded{key.run, key.command, key.attempt, *word.outcome, id});
  } else {
    parts_.give(workflow, AttemptBeat{key.run, key.command, key.attempt,
                                      Payload{fmt::format("at step {}", requests_)}, id});
  }
  calls_.emplace(id, std::move(word));
}

void SimWorkers::answered(Word word, const Result<Answer>& answer) {
  const AttemptKey& key = word.token.key;
  if (!answer && is_passing(answer.error()) && word.outcome) {
    parts_.marks.hit("worker.tries_again");
    due_.emplace(parts_.clock.steady() + milliseconds(50), std::move(word));
    return;
  }
  const AttemptAnswer how = answer ? std::get<AttemptAnswer>(*answer) : AttemptAnswer::stale;
  if (word.outcome) queues_->end(key, how, now());
  hand_out();
  if (how == AttemptAnswer::recorded) return require_recorded(word.token);
  if (how == AttemptAnswer::current) return parts_.marks.hit("worker.is_heard");
  parts_.marks.hit(queues_->ended(key) == AttemptAnswer::cancelled ? "worker.hears_of_the_cancel"
                                                                   : "worker.is_refused");
  own_ = Prng(parts_.seed, ~stream_of(key));
  if (own_.percent(50)) stop(word.token);
}

// It works on this attempt no more.
void SimWorkers::stop(const AttemptToken& token) {
  std::erase_if(due_, [&](const auto& entry) { return entry.second.token == token; });
}

void SimWorkers::require_recorded(const AttemptToken& token) {
  const AttemptName name{token.key.run, token.key.command, token.key.attempt};
  require(has_outcome(parts_.ledger.events_of(parts_.log.durable(), token.key.run), name),
          "{}: the outcome of command {} is called recorded and not durable", token.key.run,
          token.key.command);
  parts_.ledger.recorded.insert(name);
  parts_.marks.hit("worker.is_recorded");
}

}  // namespace reprise::sim
