#include "api/event_json.hpp"

#include <fmt/format.h>

#include "activities/contracts/priority.hpp"
#include "api/attribute_json.hpp"
#include "api/json_output.hpp"

namespace reprise::api {
namespace {

void append_failure(std::string& out, const ActivityFailure& failure) {
  ObjectWriter json(out);
  json.text("type", failure.type).text("message", failure.message);
  json.boolean("retryable", failure.retryable);
  if (failure.retry_after > Duration(0)) json.milliseconds("retry_after_ms", failure.retry_after);
  json.close();
}

void put_precedence(ObjectWriter& json, const Precedence& precedence) {
  if (precedence.priority) json.text("priority", to_string(*precedence.priority));
  if (!precedence.fairness_key.empty()) json.text("fairness_key", precedence.fairness_key);
  if (precedence.fairness_weight != 0) json.number("fairness_weight", precedence.fairness_weight);
}

void append_options(std::string& out, const ActivityOptions& options) {
  ObjectWriter json(out);
  json.milliseconds("start_to_close_ms", options.start_to_close);
  json.number("timeout_growth_percent", options.timeout_growth_percent);
  json.text("queue", options.queue).text("provider", options.provider);
  if (options.schedule_to_close > Duration(0))
    json.milliseconds("schedule_to_close_ms", options.schedule_to_close);
  if (options.schedule_to_start > Duration(0))
    json.milliseconds("schedule_to_start_ms", options.schedule_to_start);
  if (options.heartbeat_timeout > Duration(0))
    json.milliseconds("heartbeat_timeout_ms", options.heartbeat_timeout);
  if (options.shares_commit) json.boolean("shares_commit", true);
  if (options.in_process) json.boolean("in_process", true);
  if (options.precedence) put_precedence(json, *options.precedence);
  const RetryPolicy& retry = options.retry;
  ObjectWriter policy(json.begin("retry"));
  policy.milliseconds("initial_ms", retry.initial);
  policy.number("coefficient_percent", retry.coefficient_percent);
  policy.milliseconds("interval_max_ms", retry.interval_max);
  policy.number("attempts_max", retry.attempts_max);
  policy.number("jitter_percent", retry.jitter_percent);
  std::string& names = policy.begin("non_retryable") += '[';
  for (std::size_t i = 0; i < retry.non_retryable.size(); ++i) {
    if (i > 0) names += ',';
    append_json_text(names, retry.non_retryable[i]);
  }
  names += ']';
  policy.close();
  json.close();
}

// One for each kind: what it holds beyond command and attempt.
void put(ObjectWriter& json, const RunStarted& body) {
  json.text("workflow_id", body.workflow.text()).text("type", body.type);
  json.payload("input", body.input).text("first_run", to_string(body.first_run));
  json.text("seed", fmt::format("{}", body.seed));
  if (body.continued_from != RunId()) json.text("continued_from", to_string(body.continued_from));
  if (body.not_before != UtcTime()) json.time("not_before", body.not_before);
  if (body.run_timeout > Duration(0)) json.milliseconds("run_timeout_ms", body.run_timeout);
  if (body.execution_deadline != UtcTime())
    json.time("execution_deadline", body.execution_deadline);
  if (body.parent)
    ObjectWriter(json.begin("parent"))
        .text("workflow_id", body.parent->workflow.text())
        .text("run_id", to_string(body.parent->run))
        .number("command_id", body.parent->command.value())
        .close();
  if (body.precedence) put_precedence(json, *body.precedence);
  if (!body.labels) return;
  append_attributes(json.begin("attributes"), body.labels->attributes);
  if (!body.labels->memo.bytes.empty()) json.payload("memo", body.labels->memo);
}
void put(ObjectWriter& json, const SignalReceived& body) {
  json.text("name", body.name).payload("payload", body.payload);
  if (body.carried_from != Sequence()) json.number("carried_from", body.carried_from.value());
  if (!body.key) return;
  json.text("key_digest", to_hex(body.key->key));
  json.text("request_digest", to_hex(body.key->request));
}
void put(ObjectWriter& json, const ActivityScheduled& body) {
  json.text("name", body.name).number("version", body.version);
  json.text("reuse", body.reuse == Reuse::value ? "value" : "never").payload("input", body.input);
  append_options(json.begin("options"), body.options);
}
void put(ObjectWriter& json, const ActivityCompleted& body) { json.payload("result", body.result); }
void put(ObjectWriter& json, const ActivityAttemptFailed& body) {
  append_failure(json.begin("failure"), body.failure);
  json.time("next_attempt_at", body.next_attempt_at);
  if (!body.details.bytes.empty()) json.payload("details", body.details);
}
void put(ObjectWriter& json, const ActivityFailed& body) {
  append_failure(json.begin("failure"), body.failure);
  json.number("attempts_folded", body.attempts_folded);
}
void put(ObjectWriter&, const ActivityAttemptLost&) {}
void put(ObjectWriter&, const ActivityCancelled&) {}
void put(ObjectWriter& json, const TimerStarted& body) {
  json.milliseconds("duration_ms", body.duration).time("fire_at", body.fire_at);
}
void put(ObjectWriter&, const TimerFired&) {}
void put(ObjectWriter&, const TimerCancelled&) {}
void put(ObjectWriter& json, const FactRecorded& body) {
  json.text("name", body.name).payload("fact", body.fact);
}
void put(ObjectWriter& json, const StageEntered& body) {
  json.text("name", body.name).number("visit", body.visit);
}
void put(ObjectWriter& json, const CancelRequested& body) { json.text("reason", body.reason); }
void put(ObjectWriter& json, const RunCompleted& body) { json.payload("result", body.result); }
void put(ObjectWriter& json, const RunFailed& body) {
  json.text("type", body.type).text("message", body.message);
}
void put(ObjectWriter& json, const RunCancelled& body) { json.text("reason", body.reason); }
void put(ObjectWriter& json, const RunContinued& body) {
  json.payload("input", body.input).text("next_run_id", to_string(body.next_run));
}
void put(ObjectWriter& json, const PatchApplied& body) { json.text("id", body.id); }
void put(ObjectWriter& json, const RunTerminated& body) { json.text("reason", body.reason); }
void put(ObjectWriter& json, const RunPaused& body) { json.text("reason", body.reason); }
void put(ObjectWriter&, const RunUnpaused&) {}
void put(ObjectWriter& json, const RunTimedOut& body) {
  json.text("deadline_of", body.execution ? "execution" : "run");
}
void put(ObjectWriter& json, const ChildScheduled& body) {
  json.text("workflow_id", body.workflow.text()).text("type", body.type);
  json.payload("input", body.input);
  json.text("parent_close", body.on_close == ParentClose::terminate ? "terminate"
                            : body.on_close == ParentClose::cancel  ? "cancel"
                                                                    : "abandon");
  if (body.run_timeout > Duration(0)) json.milliseconds("run_timeout_ms", body.run_timeout);
  if (body.execution_timeout > Duration(0))
    json.milliseconds("execution_timeout_ms", body.execution_timeout);
}
void put(ObjectWriter& json, const ChildStarted& body) { json.text("run_id", to_string(body.run)); }
void put_end(ObjectWriter& json, const std::string& error_type, const std::string& message) {
  if (!error_type.empty()) json.text("type", error_type).text("message", message);
}
void put(ObjectWriter& json, const ChildClosed& body) {
  if (body.error_type.empty()) json.payload("result", body.result);
  put_end(json, body.error_type, body.message);
}
void put(ObjectWriter&, const ChildCancelRequested&) {}
void put(ObjectWriter& json, const MessageSent& body) {
  json.text("to", body.to.text());
  json.text("verb", to_string(body.verb));
  json.text("name", body.name).payload("payload", body.payload);
}
void put(ObjectWriter& json, const MessageAnswered& body) {
  put_end(json, body.error_type, body.message);
}
void put(ObjectWriter& json, const RunForked& body) {
  json.text("from_run_id", to_string(body.from)).number("through", body.through.value());
  json.milliseconds("shift_ms", body.shift).text("reason", body.reason);
}
void put(ObjectWriter& json, const AttributesChanged& body) {
  append_attributes(json.begin("attributes"), body.changes);
}
void put(ObjectWriter& json, const UpdateAccepted& body) {
  json.text("update_id", body.id).text("name", body.name).payload("input", body.input);
  json.text("request_digest", to_hex(body.request));
  if (body.carried_from != Sequence()) json.number("carried_from", body.carried_from.value());
}
void put(ObjectWriter& json, const UpdateCompleted& body) {
  json.number("update_seq", body.update.value());
  if (body.error_type.empty())
    json.payload("result", body.result);
  else
    json.text("type", body.error_type).text("message", body.message);
}
void put(ObjectWriter& json, const UnknownEvent& body) {
  json.number("kind_number", body.kind);
  append_base64(json.begin("base64"), body.bytes);
}

Attempt attempt_of(const EventBody& body) {
  return std::visit(
      []<typename Body>(const Body& b) {
        if constexpr (requires { b.attempt; })
          return b.attempt;
        else
          return Attempt(0);
      },
      body);
}

}  // namespace

void append_event(std::string& out, const Event& event) {
  ObjectWriter json(out);
  const bool is_known = !std::holds_alternative<UnknownEvent>(event.body);
  json.number("seq", event.sequence.value());
  json.text("kind", is_known ? to_string(kind_of(event.body)) : "unknown");
  json.time("time", event.time);
  const CommandId command = command_of(event.body);
  const Attempt attempt = attempt_of(event.body);
  command == CommandId(0) ? json.null("command_id") : json.number("command_id", command.value());
  attempt == Attempt(0) ? json.null("attempt") : json.number("attempt", attempt.value());
  ObjectWriter data(json.begin("data"));
  std::visit([&data](const auto& body) { put(data, body); }, event.body);
  data.close();
  json.close();
}

}  // namespace reprise::api
