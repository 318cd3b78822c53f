#include "workflows/callback/callback_workflow.hpp"

#include "engine/core/event.hpp"

namespace reprise {

Workflow<CallbackAnswer> call_back(Context ctx, CallbackInput input) {
  const ActivityOptions options{.retry = {.initial = std::chrono::seconds(1),
                                          .coefficient_percent = 200,
                                          .interval_max = std::chrono::hours(1),
                                          .attempts_max = 100,
                                          .jitter_percent = 20},
                                .start_to_close = std::chrono::seconds(30),
                                .schedule_to_close = std::chrono::days(3)};
  co_return co_await ctx.run<SendCallback>(input, options);
}

void register_callback(Catalog& catalog) {
  catalog.add(define<CallbackInput>(std::string(kCallbackType), &call_back));
}

}  // namespace reprise
