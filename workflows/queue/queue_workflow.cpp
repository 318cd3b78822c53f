#include "workflows/queue/queue_workflow.hpp"

#include <memory>
#include <string>
#include <utility>

namespace reprise {
namespace {

// The fact that carries the state.
constexpr std::string_view kQueueFact = "queue";

class QueueViewFold final : public ViewFold {
 public:
  bool apply(const Event& event) override {
    const auto* fact = std::get_if<FactRecorded>(&event.body);
    if (fact == nullptr || fact->name != kQueueFact) return false;
    state_ = fact->fact.bytes;
    return true;
  }
  [[nodiscard]] std::string encode() const override { return state_; }

 private:
  std::string state_ = "{}";
};

}  // namespace

Workflow<> keep_queue(Context ctx, QueueState state) {
  if (state.version != 0) ctx.record(std::string(kQueueFact), encode(state));
  const HandlerHandle changes = ctx.on_update<QueueChange>(
      "set",
      [ctx, &state](QueueChange change) {
        state.set(std::move(change), ctx.now());
        ctx.record(std::string(kQueueFact), encode(state));
        return QueueAnswer{state.version};
      },
      [](const QueueChange& change) { return check(change.plan); });
  co_await ctx.until([ctx] { return ctx.history_events() > kQueueEventsMax; });
  ctx.continue_as_new(state);
}

void register_queue(Catalog& catalog) {
  catalog.add(define("reprise.queue", &keep_queue),
              {.version = 1, .make = [] { return std::make_unique<QueueViewFold>(); }});
}

}  // namespace reprise
