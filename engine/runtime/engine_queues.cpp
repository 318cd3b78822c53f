// What remote workers ask of the engine: an attempt, and what becomes of it.
#include <boost/asio/use_awaitable.hpp>

#include "base/passing.hpp"
#include "engine/runtime/engine_impl.hpp"

namespace reprise {
namespace asio = boost::asio;

asio::awaitable<Result<std::optional<RemoteAttempt>>> EngineImpl::poll(PollRequest request,
                                                                       Duration wait) {
  const SteadyTime until = parts_.clock.steady() + wait;
  for (;;) {
    Result<std::optional<QueuedAttempt>> next = co_await RemoteWork::next(remote_, request, until);
    if (!next) co_return std::unexpected(std::move(next.error()));
    if (!*next) co_return std::nullopt;
    const AttemptKey key = (*next)->key;
    const WorkflowId workflow = (*next)->workflow;
    const ShardIndex shard = shard_of_workflow(workflow);
    Result<Answer> answer =
        co_await ask(shard, AttemptTaken{{}, key.run, key.command, key.attempt});
    if (!answer && is_passing(answer.error()))
      remote_.put_back(key);
    else if (!answer || !std::holds_alternative<AttemptWork>(*answer))
      remote_.end(key, AttemptAnswer::stale);
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    if (auto* work = std::get_if<AttemptWork>(&*answer))
      co_return RemoteAttempt{{remote_.epoch(), workflow, key}, std::move(*work)};
  }
}

asio::awaitable<Result<AttemptAnswer>> EngineImpl::heartbeat(AttemptToken token,
                                                             std::optional<Payload> details) {
  const AttemptKey& key = token.key;
  if (token.epoch != remote_.epoch()) {
    remote_.heard_of_before(key, false);
    co_return AttemptAnswer::stale;
  }
  Result<AttemptAnswer> answer = co_await ask_for<AttemptAnswer>(
      shard_of_workflow(token.workflow),
      AttemptBeat{key.run, key.command, key.attempt, std::move(details), RequestId()});
  if (answer && *answer == AttemptAnswer::stale) {
    remote_.told(key);
    if (remote_.ended(key) == AttemptAnswer::cancelled) answer = AttemptAnswer::cancelled;
  }
  co_return answer;
}

asio::awaitable<Result<AttemptAnswer>> EngineImpl::end_attempt(AttemptToken token,
                                                               ActivityOutcome outcome) {
  const AttemptKey& key = token.key;
  if (token.epoch != remote_.epoch()) {
    remote_.heard_of_before(key, true);
    co_return AttemptAnswer::stale;
  }
  if (const auto before = remote_.ended(key)) {
    remote_.end(key, *before);  // its place is free, if it was cancelled
    co_return *before;
  }
  Result<AttemptAnswer> answer = co_await ask_for<AttemptAnswer>(
      shard_of_workflow(token.workflow),
      AttemptEnded{key.run, key.command, key.attempt, std::move(outcome), RequestId()});
  if (answer)
    remote_.end(key, *answer);
  else if (!is_passing(answer.error()))
    remote_.end(key, AttemptAnswer::stale);
  if (answer && *answer == AttemptAnswer::stale) co_return remote_.ended(key).value_or(*answer);
  co_return answer;
}

QueueFigures EngineImpl::queue_figures(const std::string& queue) const {
  return remote_.figures(queue);
}

void EngineImpl::set_queue_rules(const std::string& queue, const QueueRules& rules,
                                 std::uint64_t version) {
  remote_.set_rules(queue, rules, version);
}

void EngineImpl::resume_queues(const KeptQueueRules& kept) { remote_.resume(kept); }

void EngineImpl::end_polls() { remote_.end_polls(); }

}  // namespace reprise
