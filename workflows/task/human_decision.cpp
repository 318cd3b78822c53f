#include "workflows/task/human_decision.hpp"

#include "workflows/task/answer_shape.hpp"
#include "workflows/task/facts.hpp"

namespace reprise {

Result<HumanDecision> read_decision(const Payload& payload) {
  HumanDecision decision;
  if (Result<> ok = decode(payload, decision); !ok) return std::unexpected(std::move(ok.error()));
  if (parse_json(payload.bytes)->find("decision") == nullptr)
    return fail(Errc::invalid_argument, "is missing: use one of accept, retry, reject", "decision");
  return decision;
}

Workflow<HumanDecision> ask_human(Context ctx, std::string reason) {
  record_escalation(ctx, reason);
  for (;;) {
    const Payload said = co_await ctx.signal<Payload>(std::string(kApproveSignal));
    const Result<HumanDecision> decision = read_decision(said);
    if (decision) {
      record_decision(ctx, to_string(decision->decision), decision->comment);
      co_return *decision;
    }
    record_escalation(ctx, "not understood: " + problem_of(decision.error()));
  }
}

}  // namespace reprise
