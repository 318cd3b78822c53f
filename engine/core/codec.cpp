#include "engine/core/codec.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "engine/core/attribute_codec.hpp"
#include "engine/core/record_writer.hpp"
#include "engine/core/wire.hpp"

namespace reprise {
namespace {

constexpr unsigned char kRecordVersion = 1;
// Second try for a record that is too large with the ordinary inline limit.
constexpr std::size_t kPayloadInlineTight = 1U << 10U;

// The other half of RecordWriter's distances, which wrap around.
UtcTime at_distance(UtcTime base, std::int64_t distance) {
  return UtcTime::from_micros(static_cast<std::int64_t>(static_cast<std::uint64_t>(base.micros()) +
                                                        static_cast<std::uint64_t>(distance)));
}

class BodyReader {
 public:
  BodyReader(std::string_view bytes, const BlobSource& blobs) : in_(bytes), blobs_(blobs) {}

  // Nothing when the kind, or the form of its body, is not known to this build.
  std::optional<EventBody> read(std::uint16_t kind);
  [[nodiscard]] const std::string& missing_blob() const { return missing_blob_; }

 private:
  std::optional<EventBody> dispatch(EventKind kind);
  Payload payload();
  ActivityFailure failure();
  ActivityOptions options();
  Precedence precedence();
  // A field that came later stands there.
  [[nodiscard]] bool more() const { return in_.ok() && !in_.at_end(); }
  UtcTime time() { return UtcTime::from_micros(in_.zigzag()); }
  Duration duration() { return Duration(in_.zigzag()); }
  std::string text() { return std::string(in_.bytes()); }
  CommandId command() { return CommandId(in_.number<std::uint32_t>()); }
  Attempt attempt() { return Attempt(in_.number<std::uint32_t>()); }
  Digest digest() {
    const std::string_view bytes = in_.fixed(Digest::kBytes);
    return in_.ok() ? Digest::from_bytes(bytes) : Digest();
  }
  bool flag();
  RunId run_id() {
    const std::string_view bytes = in_.fixed(RunId::kBytes);
    return in_.ok() ? RunId::from_bytes(bytes) : RunId();
  }
  RunStarted started();
  ActivityScheduled scheduled();
  ActivityAttemptFailed attempt_failed();
  SignalReceived signal();
  UpdateAccepted update();
  ChildScheduled child();
  std::optional<EventBody> attributes_changed();

  Reader in_;
  const BlobSource& blobs_;
  std::string missing_blob_;
  bool last_is_set_ = true;  // else the bytes are not what this build would write
  bool is_odd_ = false;      // so they are not either
};

std::optional<EventBody> BodyReader::read(std::uint16_t kind) {
  std::optional<EventBody> body = dispatch(static_cast<EventKind>(kind));
  // Bytes behind the last field are a later form of this kind.
  if (!body || !in_.ok() || !in_.at_end() || !last_is_set_ || is_odd_) return std::nullopt;
  return body;
}

Payload BodyReader::payload() {
  const std::uint64_t head = in_.varint();
  if ((head & 1) == 0) return Payload{std::string(in_.fixed(head >> 1))};
  const std::string_view raw = in_.fixed(Digest::kBytes);
  if (!in_.ok()) return {};
  const Digest digest = Digest::from_bytes(raw);
  const std::string* bytes = blobs_ ? blobs_(digest) : nullptr;
  if (bytes == nullptr || bytes->size() != head >> 1 || digest_of(*bytes) != digest) {
    missing_blob_ = to_hex(digest);
    return {};
  }
  return Payload{*bytes};
}

ActivityFailure BodyReader::failure() {
  ActivityFailure failure;
  failure.type = text();
  failure.message = text();
  failure.retryable = in_.varint() != 0;
  failure.retry_after = Duration(in_.zigzag());
  return failure;
}

ActivityOptions BodyReader::options() {
  ActivityOptions options;
  RetryPolicy& retry = options.retry;
  retry.initial = Duration(in_.zigzag());
  retry.coefficient_percent = in_.number<std::uint32_t>();
  retry.interval_max = Duration(in_.zigzag());
  retry.attempts_max = in_.number<std::uint32_t>();
  retry.jitter_percent = in_.number<std::uint32_t>();
  for (std::uint64_t n = in_.varint(); n > 0 && in_.ok(); --n)
    retry.non_retryable.push_back(text());
  options.start_to_close = Duration(in_.zigzag());
  options.timeout_growth_percent = in_.number<std::uint32_t>();
  options.queue = text();
  options.provider = text();
  if (more()) last_is_set_ = (options.schedule_to_close = duration()) != Duration(0);
  if (more()) last_is_set_ = (options.schedule_to_start = duration()) != Duration(0);
  if (more()) last_is_set_ = (options.heartbeat_timeout = duration()) != Duration(0);
  if (more()) last_is_set_ = options.shares_commit = flag();
  if (more()) last_is_set_ = options.in_process = flag();
  if (more()) {
    Precedence given = precedence();
    last_is_set_ = given.is_given();
    if (last_is_set_) options.precedence = std::move(given);
  }
  return options;
}

Precedence BodyReader::precedence() {
  Precedence precedence;
  const std::uint64_t priority = in_.varint();
  if (priority > static_cast<std::uint8_t>(Priority::low))
    is_odd_ = true;
  else if (priority != 0)
    precedence.priority = static_cast<Priority>(priority);
  precedence.fairness_key = text();
  precedence.fairness_weight = in_.number<std::uint32_t>();
  return precedence;
}

// Nothing but 0 and 1 is written for one.
bool BodyReader::flag() {
  const std::uint64_t value = in_.varint();
  is_odd_ |= value > 1;
  return value == 1;
}

RunStarted BodyReader::started() {
  RunStarted e{WorkflowId(text()), text(), payload(), in_.varint(), run_id()};
  if (more()) last_is_set_ = (e.continued_from = run_id()) != RunId();
  if (more()) last_is_set_ = (e.not_before = time()) != UtcTime();
  if (more()) last_is_set_ = (e.run_timeout = Duration(in_.zigzag())) != Duration(0);
  if (more()) last_is_set_ = (e.execution_deadline = time()) != UtcTime();
  if (more()) {
    RunAddress parent{WorkflowId(text()), run_id(), command()};
    last_is_set_ = parent != RunAddress{WorkflowId(std::string()), {}, {}};
    if (last_is_set_) e.parent = std::move(parent);
  }
  if (more()) {
    std::optional<Attributes> attributes = read_attributes(in_);
    is_odd_ |= !attributes;
    if (attributes) e.labels = RunLabels{std::move(*attributes), payload()};
    last_is_set_ = true;
  }
  if (more()) {
    std::vector<ForkOrigin> origins;
    const std::uint64_t head = in_.varint();
    if ((head & 1) == 0) {  // they stand there for their place only
      is_odd_ |= !e.labels || *e.labels != RunLabels();
      e.labels = {};
    }
    for (std::uint64_t n = head >> 1; n > 0 && in_.ok(); --n)
      origins.push_back({run_id(), command()});
    last_is_set_ = !origins.empty();
    if (last_is_set_) e.origins = std::move(origins);
  }
  if (more()) {
    Precedence given = precedence();
    last_is_set_ = given.is_given();
    if (last_is_set_) e.precedence = std::move(given);
  }
  if (more()) {
    std::string url = text();
    last_is_set_ = !url.empty();
    if (last_is_set_) e.callback_url = std::move(url);
  }
  return e;
}

ActivityScheduled BodyReader::scheduled() {
  ActivityScheduled e;
  e.command = command();
  e.name = text();
  e.version = in_.number<std::uint32_t>();
  e.reuse = static_cast<Reuse>(in_.number<std::uint8_t>());
  e.input = payload();
  e.options = options();
  return e;
}

ActivityAttemptFailed BodyReader::attempt_failed() {
  ActivityAttemptFailed e{command(), attempt(), failure(), time()};
  if (more()) last_is_set_ = !(e.details = payload()).bytes.empty();
  return e;
}

SignalReceived BodyReader::signal() {
  SignalReceived e;
  e.name = text();
  e.payload = payload();
  if (in_.varint() != 0) e.key = SignalKey{digest(), digest()};
  if (more()) last_is_set_ = (e.carried_from = Sequence(in_.varint())) != Sequence();
  return e;
}

ChildScheduled BodyReader::child() {
  return {command(),
          WorkflowId(text()),
          text(),
          payload(),
          static_cast<ParentClose>(in_.number<std::uint8_t>()),
          Duration(in_.zigzag()),
          Duration(in_.zigzag())};
}

std::optional<EventBody> BodyReader::attributes_changed() {
  const CommandId id = command();
  std::optional<AttributeChanges> changes = read_changes(in_);
  if (!changes) return std::nullopt;
  return AttributesChanged{id, std::move(*changes)};
}

UpdateAccepted BodyReader::update() {
  UpdateAccepted e{text(), text(), payload(), digest()};
  if (more()) last_is_set_ = (e.carried_from = Sequence(in_.varint())) != Sequence();
  return e;
}

// Braced initialisers evaluate left to right: the order of the fields is the order of the bytes.
std::optional<EventBody> BodyReader::dispatch(EventKind kind) {
  switch (kind) {
    case EventKind::run_started: return started();
    case EventKind::signal_received: return signal();
    case EventKind::activity_scheduled: return scheduled();
    case EventKind::activity_completed: return ActivityCompleted{command(), attempt(), payload()};
    case EventKind::activity_attempt_failed: return attempt_failed();
    case EventKind::activity_failed:
      return ActivityFailed{command(), attempt(), failure(), in_.number<std::uint32_t>()};
    case EventKind::activity_attempt_lost: return ActivityAttemptLost{command(), attempt()};
    case EventKind::activity_cancelled: return ActivityCancelled{command()};
    case EventKind::timer_started: return TimerStarted{command(), Duration(in_.zigzag()), time()};
    case EventKind::timer_fired: return TimerFired{command()};
    case EventKind::timer_cancelled: return TimerCancelled{command()};
    case EventKind::fact_recorded: return FactRecorded{command(), text(), payload()};
    case EventKind::stage_entered:
      return StageEntered{command(), text(), in_.number<std::uint32_t>()};
    case EventKind::cancel_requested: return CancelRequested{text()};
    case EventKind::run_completed: return RunCompleted{payload()};
    case EventKind::run_failed: return RunFailed{text(), text()};
    case EventKind::run_cancelled: return RunCancelled{text()};
    case EventKind::run_continued: return RunContinued{payload(), run_id()};
    case EventKind::child_scheduled: return child();
    case EventKind::child_started: return ChildStarted{command(), run_id()};
    case EventKind::child_closed: return ChildClosed{command(), payload(), text(), text()};
    case EventKind::child_cancel_requested: return ChildCancelRequested{command()};
    case EventKind::message_sent:
      return MessageSent{command(), WorkflowId(text()),
                         static_cast<MessageVerb>(in_.number<std::uint8_t>()), text(), payload()};
    case EventKind::message_answered: return MessageAnswered{command(), text(), text()};
    case EventKind::attributes_changed: return attributes_changed();
    case EventKind::run_forked:
      return RunForked{run_id(), Sequence(in_.varint()), duration(), text()};
    case EventKind::update_accepted: return update();
    case EventKind::update_completed:
      return UpdateCompleted{Sequence(in_.varint()), payload(), text(), text()};
    case EventKind::patch_applied: return PatchApplied{command(), text()};
    case EventKind::run_terminated: return RunTerminated{text()};
    case EventKind::run_paused: return RunPaused{text()};
    case EventKind::run_unpaused: return RunUnpaused{};
    case EventKind::run_timed_out: return RunTimedOut{in_.varint() != 0};
  }
  return std::nullopt;
}

class RecordReader {
 public:
  RecordReader(const RunId& run, std::string_view bytes, const BlobSource& blobs)
      : in_(bytes), blobs_(blobs) {
    record_.run = run;
  }
  Result<Record> read();

 private:
  std::string header();
  std::string item();
  std::string event(std::uint16_t kind);
  std::string activation();

  Reader in_;
  const BlobSource& blobs_;
  Record record_;
  Sequence next_;
  UtcTime base_;
};

Result<Record> RecordReader::read() {
  std::string fault = header();
  while (fault.empty() && in_.ok() && !in_.at_end()) fault = item();
  if (fault.empty() && !in_.ok()) fault = "it ends in the middle of an item";
  if (fault.empty() && record_.events.empty()) fault = "it holds no event";
  if (!fault.empty()) return fail(Errc::corrupt, "record: " + fault);
  for (const Activation& activation : record_.activations)
    if (record_.events.size() - activation.first_command < activation.command_count)
      return fail(Errc::corrupt, "record: an activation names more commands than there are");
  return std::move(record_);
}

std::string RecordReader::header() {
  in_.fixed(1);  // version, checked before
  const std::string_view previous = in_.fixed(Digest::kBytes);
  if (!in_.ok()) return "no header";
  record_.previous = Digest::from_bytes(previous);
  next_ = Sequence(in_.varint());
  base_ = UtcTime::from_micros(in_.zigzag());
  const std::uint64_t blob_count = in_.varint();
  for (std::uint64_t i = 0; i < blob_count && in_.ok(); ++i) in_.fixed(Digest::kBytes);
  if (!in_.ok() || next_.value() == 0) return "a broken header";
  return {};
}

std::string RecordReader::item() {
  const auto kind = in_.number<std::uint16_t>();
  return kind == 0 ? activation() : event(kind);
}

std::string RecordReader::event(std::uint16_t kind) {
  const UtcTime time = at_distance(base_, in_.zigzag());
  const std::string_view bytes = in_.bytes();
  if (!in_.ok()) return "a cut event";
  BodyReader reader(bytes, blobs_);
  std::optional<EventBody> body = reader.read(kind);
  if (!reader.missing_blob().empty())
    return "payload " + reader.missing_blob() + " is missing or damaged";
  if (!body) body = UnknownEvent{kind, std::string(bytes)};
  record_.events.push_back({next_, time, std::move(*body)});
  next_ = next_.next();
  return {};
}

std::string RecordReader::activation() {
  Activation activation;
  activation.now = at_distance(base_, in_.zigzag());
  for (std::uint64_t n = in_.varint(); n > 0 && in_.ok(); --n) {
    const std::uint64_t back = in_.varint();
    if (back == 0 || back >= next_.value()) return "an activation consumes no earlier event";
    activation.consumed.push_back(Sequence(next_.value() - back));
  }
  activation.first_command = static_cast<std::uint32_t>(record_.events.size());
  activation.command_count = in_.number<std::uint32_t>();
  record_.activations.push_back(std::move(activation));
  return in_.ok() ? "" : "a cut activation";
}

EncodedRecord encode_with(const Record& record, std::size_t inline_max) {
  RecordWriter items(inline_max);
  const UtcTime base = record.events.front().time;
  auto activation = record.activations.begin();
  for (std::uint32_t i = 0; i <= record.events.size(); ++i) {
    for (; activation != record.activations.end() && activation->first_command == i; ++activation)
      items.activation(*activation, Sequence(record.events.front().sequence.value() + i), base);
    if (i < record.events.size()) items.event(record.events[i], base);
  }
  EncodedRecord encoded;
  // The version, two hashes, and three varints of at most ten bytes.
  constexpr std::size_t kAroundItems = 1 + 2 * Digest::kBytes + 3 * 10;
  encoded.bytes.reserve(items.items.size() + items.blobs.size() * Digest::kBytes + kAroundItems);
  Writer out(encoded.bytes);
  out.varint(kRecordVersion);
  out.fixed(record.previous.view());
  out.varint(record.events.front().sequence.value());
  out.zigzag(base.micros());
  out.varint(items.blobs.size());
  for (const Blob& blob : items.blobs) out.fixed(blob.digest.view());
  out.fixed(items.items);
  encoded.hash = digest_of(encoded.bytes);
  out.fixed(encoded.hash.view());
  encoded.blobs = std::move(items.blobs);
  return encoded;
}

}  // namespace

Digest chain_start(const RunId& run) { return digest_of(run.bytes()); }

Result<EncodedRecord> encode_record(const Record& record) {
  CHECK(!record.events.empty(), "run {}: a record without events", record.run);
  for (const std::size_t inline_max : {kPayloadInlineMax, kPayloadInlineTight}) {
    EncodedRecord encoded = encode_with(record, inline_max);
    if (encoded.bytes.size() <= kRecordBytesMax) return encoded;
  }
  return fail(Errc::limit_exceeded,
              fmt::format("one step of {} events is over the {} bytes that a record may have",
                          record.events.size(), kRecordBytesMax));
}

Result<DecodedRecord> decode_record(const RunId& run, std::string_view bytes,
                                    const BlobSource& blobs) {
  if (bytes.size() < 1 + 2 * Digest::kBytes)
    return fail(Errc::corrupt, fmt::format("record: {} bytes are too few", bytes.size()));
  const std::string_view hashed = bytes.substr(0, bytes.size() - Digest::kBytes);
  const Digest hash = Digest::from_bytes(bytes.substr(hashed.size()));
  if (digest_of(hashed) != hash)
    return fail(Errc::corrupt, "record: its bytes do not have the hash that stands behind them");
  const auto version = static_cast<unsigned char>(bytes.front());
  if (version != kRecordVersion)
    return fail(Errc::unsupported, fmt::format("record version {} is newer than this build ({})",
                                               version, kRecordVersion));
  std::size_t size = bytes.size();
  const BlobSource counted = [&](const Digest& digest) {
    const std::string* blob = blobs ? blobs(digest) : nullptr;
    if (blob != nullptr) size += blob->size();
    return blob;
  };
  Result<Record> record = RecordReader(run, hashed, counted).read();
  if (!record) return std::unexpected(std::move(record.error()));
  return DecodedRecord{std::move(*record), hash, size};
}

Result<std::vector<Digest>> blobs_of(std::string_view record_bytes) {
  Reader in(record_bytes);
  in.fixed(1 + Digest::kBytes);
  in.varint();
  in.zigzag();
  std::vector<Digest> digests;
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    const std::string_view raw = in.fixed(Digest::kBytes);
    if (in.ok()) digests.push_back(Digest::from_bytes(raw));
  }
  if (!in.ok()) return fail(Errc::corrupt, "record: a broken header");
  return digests;
}

}  // namespace reprise
