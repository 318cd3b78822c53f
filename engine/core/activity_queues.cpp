#include "engine/core/activity_queues.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/planted.hpp"

namespace reprise {

bool ActivityQueues::WaitingPoll::does(const std::string& name) const {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

Result<std::optional<ActivityQueues::Match>> ActivityQueues::add(const std::string& queue,
                                                                 QueuedAttempt attempt) {
  CHECK(!waiting_.contains(attempt.key) && !leases_.contains(attempt.key), "{}/{} is queued twice",
        attempt.key.run, attempt.key.command);
  const auto found = queues_.find(queue);
  if (found != queues_.end() && found->second.waiting >= limits_.attempts_max)
    return fail(Errc::overloaded, fmt::format("{} attempts wait in queue {}, its limit",
                                              limits_.attempts_max, queue));
  Place place{queue, attempt.name, ++added_};
  return offer(std::move(place), std::move(attempt));
}

std::optional<ActivityQueues::Match> ActivityQueues::offer(Place place, QueuedAttempt attempt) {
  Queue& queue = queues_[place.queue];
  const auto poll = std::ranges::find_if(
      queue.polls, [&](const WaitingPoll& waiting) { return waiting.does(place.name); });
  if (poll != queue.polls.end()) {
    const PollId id = poll->id;
    queue.polls.erase(poll);
    polls_.erase(id);
    return lease(std::move(place), std::move(attempt), id);
  }
  ++queue.waiting;
  waiting_.emplace(attempt.key, place);
  queue.by_name[place.name].emplace(place.order, std::move(attempt));
  return std::nullopt;
}

ActivityQueues::Match ActivityQueues::lease(Place place, QueuedAttempt attempt, PollId poll) {
  ++queues_[place.queue].leased;
  leases_.emplace(attempt.key, Lease{std::move(place), attempt.workflow});
  return {poll, std::move(attempt)};
}

Result<std::optional<QueuedAttempt>> ActivityQueues::poll(PollId poll, const std::string& queue,
                                                          std::vector<std::string> names) {
  WaitingPoll waiting{poll, std::move(names)};
  if (auto oldest = take_oldest(queue, waiting))
    return lease(std::move(oldest->first), std::move(oldest->second), poll).attempt;
  Queue& at = queues_[queue];
  if (at.polls.size() >= limits_.polls_max)
    return fail(Errc::overloaded,
                fmt::format("{} polls wait at queue {}, its limit", limits_.polls_max, queue));
  at.polls.push_back(std::move(waiting));
  polls_.emplace(poll, queue);
  return std::nullopt;
}

std::optional<std::pair<ActivityQueues::Place, QueuedAttempt>> ActivityQueues::take_oldest(
    const std::string& queue, const WaitingPoll& poll) {
  const auto found = queues_.find(queue);
  if (found == queues_.end()) return std::nullopt;
  const std::pair<const std::string, std::map<std::uint64_t, QueuedAttempt>>* oldest = nullptr;
  for (const auto& named : found->second.by_name)
    if (poll.does(named.first) &&
        (oldest == nullptr || named.second.begin()->first < oldest->second.begin()->first))
      oldest = &named;
  if (oldest == nullptr) return std::nullopt;
  Place place{queue, oldest->first, oldest->second.begin()->first};
  QueuedAttempt attempt = take_out(found->second, place);
  return std::pair(std::move(place), std::move(attempt));
}

QueuedAttempt ActivityQueues::take_out(Queue& queue, const Place& place) {
  const auto named = queue.by_name.find(place.name);
  QueuedAttempt attempt = std::move(named->second.extract(place.order).mapped());
  if (named->second.empty()) queue.by_name.erase(named);
  --queue.waiting;
  waiting_.erase(attempt.key);
  return attempt;
}

void ActivityQueues::leave(PollId poll) {
  const auto found = polls_.find(poll);
  if (found == polls_.end()) return;
  const std::string queue = std::move(found->second);
  polls_.erase(found);
  std::erase_if(queues_.at(queue).polls,
                [poll](const WaitingPoll& waiting) { return waiting.id == poll; });
  forget_if_idle(queue);
}

std::optional<ActivityQueues::Match> ActivityQueues::put_back(const AttemptKey& key) {
  std::optional<Lease> lease = release(key);
  if (!lease || PLANTED(lost_put_back)) return std::nullopt;  // cancelled since
  QueuedAttempt attempt{std::move(lease->workflow), key, lease->place.name};
  return offer(std::move(lease->place), std::move(attempt));
}

void ActivityQueues::end(const AttemptKey& key, AttemptAnswer how) {
  const std::optional<Lease> lease = release(key);
  if (!lease) return;
  if (how == AttemptAnswer::recorded) remember(key, how);
  forget_if_idle(lease->place.queue);
}

void ActivityQueues::cancel(const AttemptKey& key, bool timed_out) {
  if (const auto found = waiting_.find(key); found != waiting_.end()) {
    const Place place = found->second;
    take_out(queues_.at(place.queue), place);
    forget_if_idle(place.queue);
  } else if (const std::optional<Lease> lease = release(key)) {
    if (!timed_out) remember(key, AttemptAnswer::cancelled);
    forget_if_idle(lease->place.queue);
  }
}

std::optional<ActivityQueues::Lease> ActivityQueues::release(const AttemptKey& key) {
  auto found = leases_.extract(key);
  if (!found) return std::nullopt;
  --queues_.at(found.mapped().place.queue).leased;
  return std::move(found.mapped());
}

void ActivityQueues::remember(const AttemptKey& key, AttemptAnswer how) {
  ended_.emplace(key, how);
  ended_order_.push_back(key);
  if (ended_order_.size() <= limits_.ended_max) return;
  ended_.erase(ended_order_.front());
  ended_order_.pop_front();
}

std::optional<AttemptAnswer> ActivityQueues::ended(const AttemptKey& key) const {
  const auto found = ended_.find(key);
  return found == ended_.end() ? std::nullopt : std::optional(found->second);
}

QueueFigures ActivityQueues::figures(const std::string& queue) const {
  const auto found = queues_.find(queue);
  if (found == queues_.end()) return {};
  return {found->second.waiting, found->second.leased, found->second.polls.size()};
}

void ActivityQueues::forget_if_idle(const std::string& queue) {
  const auto found = queues_.find(queue);
  if (found == queues_.end()) return;
  const Queue& idle = found->second;
  if (idle.waiting == 0 && idle.leased == 0 && idle.polls.empty()) queues_.erase(found);
}

}  // namespace reprise
