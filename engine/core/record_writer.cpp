#include "engine/core/record_writer.hpp"

#include <algorithm>

#include "engine/core/attribute_codec.hpp"

namespace reprise {
namespace {

// Distances between times wrap around, so that every pair of times round-trips.
std::int64_t distance(UtcTime time, UtcTime base) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.micros()) -
                                   static_cast<std::uint64_t>(base.micros()));
}

}  // namespace

void RecordWriter::event(const Event& event, UtcTime base) {
  scratch_.clear();
  Writer inner(scratch_);
  std::visit([&](const auto& e) { body(inner, e); }, event.body);
  Writer out(items);
  out.varint(static_cast<std::uint16_t>(kind_of(event.body)));
  out.zigzag(distance(event.time, base));
  out.bytes(scratch_);
}

void RecordWriter::activation(const Activation& activation, Sequence first_command, UtcTime base) {
  Writer out(items);
  out.varint(0);
  out.zigzag(distance(activation.now, base));
  out.varint(activation.consumed.size());
  for (const Sequence input : activation.consumed)
    out.varint(first_command.value() - input.value());
  out.varint(activation.command_count);
}

void RecordWriter::payload(Writer& out, const Payload& payload) {
  const std::uint64_t length = payload.bytes.size();
  if (length <= inline_max_) {
    out.varint(length << 1);
    out.fixed(payload.bytes);
    return;
  }
  const Digest digest = digest_of(payload.bytes);
  out.varint(length << 1 | 1);
  out.fixed(digest.view());
  if (std::ranges::find(blobs, digest, &Blob::digest) == blobs.end())
    blobs.push_back({digest, payload.bytes});
}

void RecordWriter::failure(Writer& out, const ActivityFailure& failure) {
  out.bytes(failure.type);
  out.bytes(failure.message);
  out.varint(failure.retryable ? 1 : 0);
  out.zigzag(failure.retry_after.count());
}

void RecordWriter::options(Writer& out, const ActivityOptions& options) {
  const RetryPolicy& retry = options.retry;
  out.zigzag(retry.initial.count());
  out.varint(retry.coefficient_percent);
  out.zigzag(retry.interval_max.count());
  out.varint(retry.attempts_max);
  out.varint(retry.jitter_percent);
  out.varint(retry.non_retryable.size());
  for (const std::string& type : retry.non_retryable) out.bytes(type);
  out.zigzag(options.start_to_close.count());
  out.varint(options.timeout_growth_percent);
  out.bytes(options.queue);
  out.bytes(options.provider);
  // Fields that came later, as far as one of them is set.
  const int set = options.precedence && options.precedence->is_given() ? 6
                  : options.in_process                                 ? 5
                  : options.shares_commit                              ? 4
                  : options.heartbeat_timeout != Duration(0)           ? 3
                  : options.schedule_to_start != Duration(0)           ? 2
                  : options.schedule_to_close != Duration(0)           ? 1
                                                                       : 0;
  if (set >= 1) out.zigzag(options.schedule_to_close.count());
  if (set >= 2) out.zigzag(options.schedule_to_start.count());
  if (set >= 3) out.zigzag(options.heartbeat_timeout.count());
  if (set >= 4) out.varint(options.shares_commit ? 1 : 0);
  if (set >= 5) out.varint(options.in_process ? 1 : 0);
  if (set >= 6) precedence(out, options.precedence.value_or({}));
}

void RecordWriter::precedence(Writer& out, const Precedence& precedence) {
  out.varint(precedence.priority ? static_cast<std::uint8_t>(*precedence.priority) : 0);
  out.bytes(precedence.fairness_key);
  out.varint(precedence.fairness_weight);
}

void RecordWriter::body(Writer& out, const RunStarted& e) {
  out.bytes(e.workflow.text());
  out.bytes(e.type);
  payload(out, e.input);
  out.varint(e.seed);
  out.fixed(e.first_run.bytes());
  // Fields that came later, as far as one of them is set.
  const int set = e.callback_url                             ? 9
                  : e.precedence && e.precedence->is_given() ? 8
                  : e.origins                                ? 7
                  : e.labels                                 ? 6
                  : e.parent                                 ? 5
                  : e.execution_deadline != UtcTime()        ? 4
                  : e.run_timeout != Duration(0)             ? 3
                  : e.not_before != UtcTime()                ? 2
                  : e.continued_from != RunId()              ? 1
                                                             : 0;
  if (set >= 1) out.fixed(e.continued_from.bytes());
  if (set >= 2) out.zigzag(e.not_before.micros());
  if (set >= 3) out.zigzag(e.run_timeout.count());
  if (set >= 4) out.zigzag(e.execution_deadline.micros());
  if (set >= 5) {
    const RunAddress parent = e.parent.value_or(RunAddress{WorkflowId(std::string()), {}, {}});
    out.bytes(parent.workflow.text());
    out.fixed(parent.run.bytes());
    out.varint(parent.command.value());
  }
  if (set >= 6) {
    const RunLabels labels = e.labels.value_or({});
    write(out, labels.attributes);
    payload(out, labels.memo);
  }
  if (set >= 7) {
    const std::vector<ForkOrigin> none;
    const std::vector<ForkOrigin>& origins = e.origins ? *e.origins : none;
    out.varint(origins.size() << 1 | (e.labels ? 1 : 0));
    for (const ForkOrigin& origin : origins) {
      out.fixed(origin.run.bytes());
      out.varint(origin.last_command.value());
    }
  }
  if (set >= 8) precedence(out, e.precedence.value_or({}));
  if (set >= 9) out.bytes(*e.callback_url);
}

void RecordWriter::body(Writer& out, const SignalReceived& e) {
  out.bytes(e.name);
  payload(out, e.payload);
  out.varint(e.key ? 1 : 0);
  if (e.key) {
    out.fixed(e.key->key.view());
    out.fixed(e.key->request.view());
  }
  if (e.carried_from != Sequence()) out.varint(e.carried_from.value());
}

void RecordWriter::body(Writer& out, const ActivityScheduled& e) {
  out.varint(e.command.value());
  out.bytes(e.name);
  out.varint(e.version);
  out.varint(static_cast<std::uint8_t>(e.reuse));
  payload(out, e.input);
  options(out, e.options);
}

void RecordWriter::body(Writer& out, const ActivityCompleted& e) {
  out.varint(e.command.value());
  out.varint(e.attempt.value());
  payload(out, e.result);
}

void RecordWriter::body(Writer& out, const ActivityAttemptFailed& e) {
  out.varint(e.command.value());
  out.varint(e.attempt.value());
  failure(out, e.failure);
  out.zigzag(e.next_attempt_at.micros());
  if (!e.details.bytes.empty()) payload(out, e.details);
}

void RecordWriter::body(Writer& out, const ActivityFailed& e) {
  out.varint(e.command.value());
  out.varint(e.attempt.value());
  failure(out, e.failure);
  out.varint(e.attempts_folded);
}

void RecordWriter::body(Writer& out, const ActivityAttemptLost& e) {
  out.varint(e.command.value());
  out.varint(e.attempt.value());
}

void RecordWriter::body(Writer& out, const TimerStarted& e) {
  out.varint(e.command.value());
  out.zigzag(e.duration.count());
  out.zigzag(e.fire_at.micros());
}

void RecordWriter::body(Writer& out, const FactRecorded& e) {
  out.varint(e.command.value());
  out.bytes(e.name);
  payload(out, e.fact);
}

void RecordWriter::body(Writer& out, const StageEntered& e) {
  out.varint(e.command.value());
  out.bytes(e.name);
  out.varint(e.visit);
}

void RecordWriter::body(Writer& out, const RunContinued& e) {
  payload(out, e.input);
  out.fixed(e.next_run.bytes());
}

void RecordWriter::body(Writer& out, const PatchApplied& e) {
  out.varint(e.command.value());
  out.bytes(e.id);
}

void RecordWriter::body(Writer& out, const ChildScheduled& e) {
  out.varint(e.command.value());
  out.bytes(e.workflow.text());
  out.bytes(e.type);
  payload(out, e.input);
  out.varint(static_cast<std::uint8_t>(e.on_close));
  out.zigzag(e.run_timeout.count());
  out.zigzag(e.execution_timeout.count());
}

void RecordWriter::body(Writer& out, const ChildStarted& e) {
  out.varint(e.command.value());
  out.fixed(e.run.bytes());
}

void RecordWriter::body(Writer& out, const ChildClosed& e) {
  out.varint(e.command.value());
  payload(out, e.result);
  out.bytes(e.error_type);
  out.bytes(e.message);
}

void RecordWriter::body(Writer& out, const MessageSent& e) {
  out.varint(e.command.value());
  out.bytes(e.to.text());
  out.varint(static_cast<std::uint8_t>(e.verb));
  out.bytes(e.name);
  payload(out, e.payload);
}

void RecordWriter::body(Writer& out, const MessageAnswered& e) {
  out.varint(e.command.value());
  out.bytes(e.error_type);
  out.bytes(e.message);
}

void RecordWriter::body(Writer& out, const RunForked& e) {
  out.fixed(e.from.bytes());
  out.varint(e.through.value());
  out.zigzag(e.shift.count());
  out.bytes(e.reason);
}

void RecordWriter::body(Writer& out, const AttributesChanged& e) {
  out.varint(e.command.value());
  write(out, e.changes);
}

void RecordWriter::body(Writer& out, const UpdateAccepted& e) {
  out.bytes(e.id);
  out.bytes(e.name);
  payload(out, e.input);
  out.fixed(e.request.view());
  if (e.carried_from != Sequence()) out.varint(e.carried_from.value());
}

void RecordWriter::body(Writer& out, const UpdateCompleted& e) {
  out.varint(e.update.value());
  payload(out, e.result);
  out.bytes(e.error_type);
  out.bytes(e.message);
}

void RecordWriter::body(Writer& out, const RunFailed& e) {
  out.bytes(e.type);
  out.bytes(e.message);
}

}  // namespace reprise
