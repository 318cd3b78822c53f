#include "engine/core/testing/arbitrary_record.hpp"

namespace rc {
namespace {

using namespace reprise;

// Now and then a payload that is too large to stand in its record.
Payload any_payload() {
  if (*gen::inRange(0, 12) == 0)
    return Payload{std::string(65'537 + *gen::inRange(0, 9000), *gen::arbitrary<char>())};
  return Payload{*gen::arbitrary<std::string>()};
}
std::string any_text() { return *gen::arbitrary<std::string>(); }
std::int64_t any_int64() { return *gen::arbitrary<std::int64_t>(); }
std::uint32_t any_uint32() { return *gen::arbitrary<std::uint32_t>(); }
Duration any_duration() { return Duration(any_int64()); }
UtcTime any_time() { return UtcTime::from_micros(any_int64()); }
CommandId any_command() { return CommandId(any_uint32()); }
Attempt any_attempt() { return Attempt(any_uint32()); }
Digest any_digest() { return digest_of(any_text()); }
RunId any_run() {
  return RunId::make(UtcTime::from_micros(any_uint32()), *gen::arbitrary<std::uint64_t>(),
                     *gen::arbitrary<std::uint64_t>());
}
ActivityFailure any_failure() {
  return {any_text(), any_text(), *gen::arbitrary<bool>(), any_duration()};
}
Precedence any_precedence() {
  return {.priority = *gen::element<std::optional<Priority>>(std::nullopt, Priority::high,
                                                             Priority::normal, Priority::low),
          .fairness_key = any_text(),
          .fairness_weight = any_uint32()};
}
Boxed<Precedence> any_given_precedence() {
  Precedence precedence = any_precedence();
  return precedence.is_given() ? Boxed(std::move(precedence)) : Boxed<Precedence>();
}
ActivityOptions any_options() {
  return {.retry = {.initial = any_duration(),
                    .coefficient_percent = any_uint32(),
                    .interval_max = any_duration(),
                    .attempts_max = any_uint32(),
                    .jitter_percent = any_uint32(),
                    .non_retryable = *gen::arbitrary<std::vector<std::string>>()},
          .start_to_close = any_duration(),
          .queue = any_text(),
          .provider = any_text(),
          .schedule_to_close = *gen::arbitrary<bool>() ? any_duration() : Duration(0),
          .schedule_to_start = *gen::arbitrary<bool>() ? any_duration() : Duration(0),
          .heartbeat_timeout = *gen::arbitrary<bool>() ? any_duration() : Duration(0),
          .timeout_growth_percent = any_uint32(),
          .shares_commit = *gen::arbitrary<bool>(),
          .in_process = *gen::arbitrary<bool>(),
          .precedence = *gen::arbitrary<bool>() ? any_given_precedence() : Boxed<Precedence>()};
}
std::optional<SignalKey> any_key() {
  if (*gen::arbitrary<bool>()) return std::nullopt;
  return SignalKey{any_digest(), any_digest()};
}

AttributeValue any_attribute() {
  switch (*gen::inRange(0, 4)) {
    case 0: return any_text();
    case 1: return any_int64();
    case 2: return static_cast<double>(any_int64()) / 8;
    default: return *gen::arbitrary<bool>();
  }
}
Attributes any_attributes() {
  Attributes attributes;
  for (int n = *gen::inRange(0, 4); n > 0; --n)
    attributes.insert_or_assign(any_text(), any_attribute());
  return attributes;
}
AttributeChanges any_changes() {
  AttributeChanges changes;
  for (int n = *gen::inRange(0, 4); n > 0; --n)
    changes.insert_or_assign(
        any_text(), *gen::arbitrary<bool>() ? std::optional(any_attribute()) : std::nullopt);
  return changes;
}

EventBody any_input(int kind) {
  switch (kind) {
    case 1:
      return RunStarted{
          WorkflowId(any_text()),
          any_text(),
          any_payload(),
          *gen::arbitrary<std::uint64_t>(),
          any_run(),
          *gen::arbitrary<bool>() ? any_run() : RunId(),
          *gen::arbitrary<bool>() ? any_time() : UtcTime(),
          *gen::arbitrary<bool>() ? any_duration() : Duration(0),
          *gen::arbitrary<bool>() ? any_time() : UtcTime(),
          *gen::arbitrary<bool>()
              ? Boxed(RunAddress{WorkflowId("p" + any_text()), any_run(), any_command()})
              : Boxed<RunAddress>(),
          *gen::arbitrary<bool>() ? Boxed(RunLabels{any_attributes(), any_payload()})
                                  : Boxed<RunLabels>(),
          *gen::arbitrary<bool>()
              ? Boxed(std::vector{ForkOrigin{any_run(), any_command()}, {any_run(), any_command()}})
              : Boxed<std::vector<ForkOrigin>>(),
          any_given_precedence(),
          *gen::arbitrary<bool>() ? Boxed("u" + any_text()) : Boxed<std::string>()};
    case 2: return SignalReceived{any_text(), any_payload(), any_key(), Sequence(any_uint32())};
    case 4: return ActivityCompleted{any_command(), any_attempt(), any_payload()};
    case 5:
      return ActivityAttemptFailed{any_command(), any_attempt(), any_failure(), any_time(),
                                   any_payload()};
    case 6: return ActivityFailed{any_command(), any_attempt(), any_failure(), any_uint32()};
    case 7: return ActivityAttemptLost{any_command(), any_attempt()};
    case 10: return TimerFired{any_command()};
    case 20: return RunTerminated{any_text()};
    case 33: return RunForked{any_run(), Sequence(any_uint32()), any_duration(), any_text()};
    case 21: return RunPaused{any_text()};
    case 22: return RunUnpaused{};
    case 26: return ChildStarted{any_command(), any_run()};
    case 27: return ChildClosed{any_command(), any_payload(), any_text(), any_text()};
    case 28: return MessageAnswered{any_command(), any_text(), any_text()};
    case 24:
      return UpdateAccepted{any_text(), any_text(), any_payload(), any_digest(),
                            Sequence(any_uint32())};
    case 23: return RunTimedOut{*gen::arbitrary<bool>()};
    default: return CancelRequested{any_text()};
  }
}

EventBody any_command_event(int kind) {
  switch (kind) {
    case 3:
      return ActivityScheduled{any_command(), any_text(),
                               any_uint32(),  *gen::element(Reuse::value, Reuse::never),
                               any_payload(), any_options()};
    case 8: return ActivityCancelled{any_command()};
    case 9: return TimerStarted{any_command(), any_duration(), any_time()};
    case 11: return TimerCancelled{any_command()};
    case 12: return FactRecorded{any_command(), any_text(), any_payload()};
    case 13: return StageEntered{any_command(), any_text(), any_uint32()};
    case 15: return RunCompleted{any_payload()};
    case 16: return RunFailed{any_text(), any_text()};
    case 17: return RunCancelled{any_text()};
    case 18: return RunContinued{any_payload(), any_run()};
    case 29:
      return ChildScheduled{any_command(),
                            WorkflowId(any_text()),
                            any_text(),
                            any_payload(),
                            *gen::element(ParentClose::terminate, ParentClose::abandon),
                            any_duration(),
                            any_duration()};
    case 30: return ChildCancelRequested{any_command()};
    case 31:
      return MessageSent{
          any_command(), WorkflowId(any_text()),
          *gen::element(MessageVerb::signal, MessageVerb::cancel, MessageVerb::terminate),
          any_text(), any_payload()};
    case 25: return UpdateCompleted{Sequence(any_uint32()), any_payload(), any_text(), any_text()};
    case 32: return AttributesChanged{any_command(), any_changes()};
    case 19: return PatchApplied{any_command(), any_text()};
    default:  // of a newer build
      return UnknownEvent{*gen::inRange<std::uint16_t>(1000, 65'535), any_text()};
  }
}

EventBody any_body() {
  const int kind = *gen::inRange(1, 35);
  const bool input = kind == 1 || kind == 2 || (kind >= 4 && kind <= 7) || kind == 10 ||
                     kind == 14 || (kind >= 20 && kind <= 24) || (kind >= 26 && kind <= 28) ||
                     kind == 33;
  return input ? any_input(kind) : any_command_event(kind);
}

Record any_record() {
  Record record{.run = any_run(), .previous = any_digest(), .events = {}, .activations = {}};
  const auto first = *gen::inRange<std::uint64_t>(1, 1'000'000'000);
  const auto count = *gen::inRange<std::uint32_t>(1, 12);
  for (std::uint32_t i = 0; i < count; ++i)
    record.events.push_back({Sequence(first + i), any_time(), any_body()});
  for (std::uint32_t at = 0; at < count; ++at) {
    if (*gen::inRange(0, 3) != 0 || first + at == 1) continue;
    Activation activation{
        .now = any_time(), .consumed = {}, .first_command = at, .command_count = 0};
    activation.consumed.push_back(Sequence(*gen::inRange<std::uint64_t>(1, first + at)));
    activation.command_count = *gen::inRange<std::uint32_t>(0, count - at + 1);
    record.activations.push_back(std::move(activation));
  }
  return record;
}

}  // namespace

Gen<Record> Arbitrary<Record>::arbitrary() {
  return gen::exec([] { return any_record(); });
}
Gen<EventBody> Arbitrary<EventBody>::arbitrary() {
  return gen::exec([] { return any_body(); });
}

}  // namespace rc
