#include "api/queue_rules.hpp"

#include <vector>

namespace reprise::api {

namespace asio = boost::asio;

QueueRules rules_of(const QueuePlan& plan) {
  QueueRules rules;
  if (plan.concurrency_max != 0) rules.concurrency_max = plan.concurrency_max;
  if (plan.rate.count != 0) rules.rate = QueueRate{plan.rate.count, rate_period(plan)};
  return rules;
}

asio::awaitable<Result<KeptQueueRules>> kept_queue_rules(Engine& engine, UtcTime now) {
  KeptQueueRules kept;
  ViewScan scan{.type = std::string(kQueueType),
                .id_prefix = std::string(kQueueIdPrefix),
                .after = {},
                .newest_first = false};
  for (bool is_end = false; !is_end;) {
    const Result<std::vector<RunView>> views = co_await engine.views(scan);
    if (!views) co_return std::unexpected(views.error());
    is_end = views->size() < scan.limit;
    for (const RunView& view : *views) {
      scan.after = view.workflow;
      if (view.status != RunStatus::running) continue;
      QueueState state;
      const Result<> read = decode(Payload{view.custom}, state);
      const Result<> fits = read ? check(state.plan) : read;
      if (!fits)
        co_return fail(Errc::corrupt, "the limits that " + view.workflow.text() +
                                          " keeps cannot be read: " + fits.error().detail);
      if (const QueueRules rules = rules_of(state.plan); rules.are_given())
        kept.emplace(view.workflow.text().substr(kQueueIdPrefix.size()),
                     KeptRules{rules, state.out_max(now)});
    }
  }
  co_return kept;
}

}  // namespace reprise::api
