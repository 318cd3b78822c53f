#include "engine/core/activity_queues.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/planted.hpp"

namespace reprise {

bool ActivityQueues::WaitingPoll::does(const std::string& name) const {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

const std::string& ActivityQueues::lane_of(const QueuedAttempt& attempt) {
  static const std::string kInProcess = "\x01";  // is no activity's name
  return attempt.wait.in_process ? kInProcess : attempt.name;
}

Result<> ActivityQueues::add(const std::string& queue, QueuedAttempt attempt, SteadyTime now) {
  CHECK(!waiting_.contains(attempt.key) && !leases_.contains(attempt.key), "{}/{} is queued twice",
        attempt.key.run, attempt.key.command);
  Queue& at = queues_[queue];
  if (attempt.wait.lost > 0 && (at.had_rules || phase_ == Phase::rules_unknown))
    at.inherited.may_be_out(attempt.key, attempt.wait.lost, began_ + attempt.wait.lease);
  if (at.waiting.size() >= limits_.attempts_max)
    return fail(Errc::overloaded, fmt::format("{} attempts wait in queue {}, its limit",
                                              limits_.attempts_max, queue));
  const Ticket ticket = ++added_;
  const SteadyTime since = SteadyTime::from_micros(now.micros() - attempt.wait.age.count());
  at.order.add(ticket, lane_of(attempt), attempt.wait.precedence, since);
  waiting_.emplace(attempt.key, Waiting{queue, ticket});
  at.waiting.emplace(ticket, std::move(attempt));
  serve(queue, now);
  return {};
}

Result<> ActivityQueues::poll(PollId poll, const std::string& queue, std::vector<std::string> names,
                              SteadyTime now) {
  Queue& at = queues_[queue];
  at.polls.push_back({poll, std::move(names)});
  polls_.emplace(poll, queue);
  serve(queue, now);
  // One that gets something at once does not wait.
  if (!polls_.contains(poll) || queues_.at(queue).polls.size() <= limits_.polls_max) return {};
  leave(poll);
  return fail(Errc::overloaded,
              fmt::format("{} polls wait at queue {}, its limit", limits_.polls_max, queue));
}

void ActivityQueues::leave(PollId poll) {
  const auto found = polls_.find(poll);
  if (found == polls_.end()) return;
  const std::string queue = std::move(found->second);
  polls_.erase(found);
  Queue& at = queues_.at(queue);
  std::erase_if(at.polls, [poll](const WaitingPoll& waiting) { return waiting.id == poll; });
  forget_if_idle(queue, at);
}

void ActivityQueues::put_back(const AttemptKey& key, SteadyTime now) {
  std::optional<Lease> lease = release(key);
  if (!lease || PLANTED(lost_put_back)) return;
  const std::string queue = lease->queue;
  Queue& at = queues_.at(queue);
  if (!lease->cancelled_until) {  // else it is of no use any more
    const QueueWait& wait = lease->attempt.wait;
    at.gate.unspend(lease->began);
    const SteadyTime since = SteadyTime::from_micros(lease->began.micros() - wait.age.count());
    at.order.give_back(lease->ticket, lane_of(lease->attempt), wait.precedence, since);
    waiting_.emplace(key, Waiting{queue, lease->ticket});
    at.waiting.emplace(lease->ticket, std::move(lease->attempt));
  }
  serve(queue, now);
}

void ActivityQueues::end(const AttemptKey& key, AttemptAnswer how, SteadyTime now) {
  const std::optional<Lease> lease = release(key);
  if (!lease) return;
  if (how == AttemptAnswer::recorded) remember(key, how);
  serve(lease->queue, now);
}

void ActivityQueues::cancel(const CancelAttempt& cancel, SteadyTime now) {
  const AttemptKey key{cancel.run, cancel.command, cancel.attempt};
  if (const auto found = waiting_.find(key); found != waiting_.end()) {
    const Waiting waiting = std::move(found->second);
    waiting_.erase(found);
    Queue& at = queues_.at(waiting.queue);
    at.order.remove(waiting.ticket);
    at.waiting.erase(waiting.ticket);
    return forget_if_idle(waiting.queue, at);
  }
  const auto found = leases_.find(key);
  if (found == leases_.end()) return;
  if (!cancel.timed_out) remember(key, AttemptAnswer::cancelled);
  Lease& lease = found->second;
  if (lease.attempt.wait.in_process) return hold(lease, SteadyTime::max());
  if (!cancel.lease_over) return hold(lease, now + lease.attempt.wait.lease);
  const std::string queue = lease.queue;
  release(key);
  serve(queue, now);
}

void ActivityQueues::hold(Lease& lease, SteadyTime until) {
  const AttemptKey& key = lease.attempt.key;
  if (lease.cancelled_until)
    holds_.erase({*lease.cancelled_until, key});
  else
    ++queues_.at(lease.queue).cancelled;
  lease.cancelled_until = until;
  holds_.emplace(until, key);
}

void ActivityQueues::told(const AttemptKey& key, SteadyTime now) {
  const auto found = leases_.find(key);
  if (found == leases_.end() || !found->second.cancelled_until) return;
  hold(found->second,
       std::min(*found->second.cancelled_until, now + InheritedPlaces::kStopsWithin));
}

std::optional<ActivityQueues::Lease> ActivityQueues::release(const AttemptKey& key) {
  auto found = leases_.extract(key);
  if (!found) return std::nullopt;
  Lease& lease = found.mapped();
  Queue& queue = queues_.at(lease.queue);
  queue.gate.leave();
  if (lease.cancelled_until) {
    --queue.cancelled;
    holds_.erase({*lease.cancelled_until, key});
  }
  return std::move(lease);
}

void ActivityQueues::remember(const AttemptKey& key, AttemptAnswer how) {
  if (!ended_.emplace(key, how).second) return;
  ended_order_.push_back(key);
  if (ended_order_.size() <= limits_.ended_max) return;
  ended_.erase(ended_order_.front());
  ended_order_.pop_front();
}

std::optional<AttemptAnswer> ActivityQueues::ended(const AttemptKey& key) const {
  const auto found = ended_.find(key);
  return found == ended_.end() ? std::nullopt : std::optional(found->second);
}

void ActivityQueues::set_rules(const std::string& queue, const QueueRules& rules, SteadyTime now) {
  queues_[queue].gate.set(rules);
  serve(queue, now);
}

void ActivityQueues::resume(const KeptQueueRules& kept, SteadyTime now) {
  CHECK(phase_ == Phase::rules_unknown, "the queues were resumed before");
  phase_ = Phase::recovering;
  for (const auto& [name, before] : kept) {
    Queue& queue = queues_[name];
    queue.had_rules = true;
    queue.gate.set(before.rules);
    queue.gate.spend_all(began_);
    if (before.out_max) queue.inherited.at_most(*before.out_max);
  }
  for (auto& [name, queue] : queues_)
    if (!queue.had_rules) queue.inherited = {};
  serve_all(now);
}

void ActivityQueues::recovered(SteadyTime now) {
  if (phase_ != Phase::recovering) return;
  phase_ = Phase::running;
  serve_all(now);
}

void ActivityQueues::heard_of_before(const AttemptKey& key, bool has_ended, SteadyTime now) {
  std::vector<std::string> names;
  for (auto& [name, queue] : queues_) {
    if (queue.inherited.empty()) continue;
    names.push_back(name);
    if (has_ended)
      queue.inherited.returned(key);
    else
      queue.inherited.told(key, now);
  }
  for (const std::string& name : names) serve(name, now);
}

void ActivityQueues::serve_all(SteadyTime now) {
  std::vector<std::string> names;
  names.reserve(queues_.size());
  for (const auto& [name, queue] : queues_) names.push_back(name);
  for (const std::string& name : names) serve(name, now);
}

bool ActivityQueues::may_grant(const Queue& queue, SteadyTime now) const {
  if (phase_ == Phase::rules_unknown || (phase_ == Phase::recovering && queue.had_rules))
    return false;
  return queue.gate.is_open(now, queue.inherited.count());
}

void ActivityQueues::serve(const std::string& name, SteadyTime now) {
  Queue& queue = queues_.at(name);
  queue.inherited.expire(now);
  queue.order.promote(now);
  while (may_grant(queue, now)) {
    const std::optional<Choice> choice = choose(queue);
    if (!choice) break;
    grant(name, queue, *choice, now);
  }
  expect(name, queue, now);
  forget_if_idle(name, queue);
}

std::optional<ActivityQueues::Choice> ActivityQueues::choose(Queue& queue) {
  std::optional<Choice> best;
  for (const auto& [lane, count] : queue.order.lanes()) {
    const FairOrder::Place place = *queue.order.first(lane);
    if (best && best->place < place) continue;
    const bool here = queue.waiting.at(place.ticket).wait.in_process;
    const auto poll = here ? queue.polls.end()
                           : std::ranges::find_if(queue.polls, [&](const WaitingPoll& waiting) {
                               return waiting.does(lane);
                             });
    if (here || poll != queue.polls.end()) best = Choice{place, poll};
  }
  return best;
}

void ActivityQueues::grant(const std::string& name, Queue& queue, const Choice& choice,
                           SteadyTime now) {
  const Ticket ticket = choice.place.ticket;
  Match match{.poll = {}, .attempt = std::move(queue.waiting.extract(ticket).mapped())};
  queue.order.take(ticket);
  queue.gate.enter(now);
  waiting_.erase(match.attempt.key);
  if (choice.poll != queue.polls.end()) {
    match.poll = choice.poll->id;
    polls_.erase(choice.poll->id);
    queue.polls.erase(choice.poll);
  }
  leases_.emplace(match.attempt.key, Lease{name, ticket, match.attempt, now});
  granted_.push_back(std::move(match));
}

// When the queue is to be served again though nothing comes.
void ActivityQueues::expect(const std::string& name, Queue& queue, SteadyTime now) {
  std::optional<SteadyTime> wakes = queue.inherited.next();
  if (const SteadyTime opens = queue.gate.opens_at(); !queue.waiting.empty() && opens > now)
    wakes = std::min(wakes.value_or(opens), opens);
  if (queue.wakes) wakes_.erase({*queue.wakes, name});
  if (wakes) wakes_.emplace(*wakes, name);
  queue.wakes = wakes;
}

void ActivityQueues::forget_if_idle(const std::string& name, const Queue& queue) {
  if (!queue.waiting.empty() || !queue.polls.empty() || queue.gate.inside() > 0 ||
      !queue.inherited.empty() || queue.gate.rules().are_given())
    return;
  if (queue.wakes) wakes_.erase({*queue.wakes, name});
  queues_.erase(name);
}

std::optional<SteadyTime> ActivityQueues::next() const {
  std::optional<SteadyTime> next;
  if (!holds_.empty() && holds_.begin()->first != SteadyTime::max()) next = holds_.begin()->first;
  if (!wakes_.empty()) next = std::min(next.value_or(wakes_.begin()->first), wakes_.begin()->first);
  return next;
}

void ActivityQueues::advance(SteadyTime now) {
  while (!holds_.empty() && holds_.begin()->first <= now) {
    const std::string queue = release(AttemptKey(holds_.begin()->second))->queue;
    serve(queue, now);
  }
  while (!wakes_.empty() && wakes_.begin()->first <= now) {
    const std::string name = wakes_.begin()->second;
    serve(name, now);  // and expects a later one, or none
  }
}

QueueFigures ActivityQueues::figures(const std::string& queue) const {
  const auto found = queues_.find(queue);
  if (found == queues_.end()) return {};
  const Queue& at = found->second;
  return {.waiting = at.waiting.size(),
          .leased = at.gate.inside() - at.cancelled,
          .polls = at.polls.size(),
          .held = at.cancelled + at.inherited.count(),
          .rules = at.gate.rules()};
}

}  // namespace reprise
