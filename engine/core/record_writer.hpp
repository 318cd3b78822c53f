// RecordWriter: the items of a record as bytes, one after the other. A part of the codec.
//
// Guarantees: the grammar of codec.hpp; a payload above `inline_max` goes among the blobs.
// Thread:     one at a time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/core/codec.hpp"
#include "engine/core/wire.hpp"

namespace reprise {

class RecordWriter {
 public:
  explicit RecordWriter(std::size_t inline_max) : inline_max_(inline_max) {
    items.reserve(kItemsBytes);
    scratch_.reserve(kItemsBytes);
  }

  void event(const Event& event, UtcTime base);
  void activation(const Activation& activation, Sequence first_command, UtcTime base);
  std::string items;
  std::vector<Blob> blobs;

 private:
  static constexpr std::size_t kItemsBytes = 256;  // most records need no more

  void payload(Writer& out, const Payload& payload);
  void failure(Writer& out, const ActivityFailure& failure);
  void options(Writer& out, const ActivityOptions& options);
  static void precedence(Writer& out, const Precedence& precedence);

  void body(Writer& out, const RunStarted& e);
  void body(Writer& out, const SignalReceived& e);
  void body(Writer& out, const ActivityScheduled& e);
  void body(Writer& out, const ActivityCompleted& e);
  void body(Writer& out, const ActivityAttemptFailed& e);
  void body(Writer& out, const ActivityFailed& e);
  void body(Writer& out, const ActivityAttemptLost& e);
  void body(Writer& out, const ActivityCancelled& e) { out.varint(e.command.value()); }
  void body(Writer& out, const TimerStarted& e);
  void body(Writer& out, const TimerFired& e) { out.varint(e.command.value()); }
  void body(Writer& out, const TimerCancelled& e) { out.varint(e.command.value()); }
  void body(Writer& out, const FactRecorded& e);
  void body(Writer& out, const StageEntered& e);
  void body(Writer& out, const CancelRequested& e) { out.bytes(e.reason); }
  void body(Writer& out, const RunCompleted& e) { payload(out, e.result); }
  void body(Writer& out, const RunFailed& e);
  void body(Writer& out, const RunCancelled& e) { out.bytes(e.reason); }
  void body(Writer& out, const RunContinued& e);
  void body(Writer& out, const PatchApplied& e);
  void body(Writer& out, const RunTerminated& e) { out.bytes(e.reason); }
  void body(Writer& out, const RunPaused& e) { out.bytes(e.reason); }
  void body(Writer&, const RunUnpaused&) {}
  void body(Writer& out, const RunTimedOut& e) { out.varint(e.execution ? 1 : 0); }
  void body(Writer& out, const ChildScheduled& e);
  void body(Writer& out, const ChildStarted& e);
  void body(Writer& out, const ChildClosed& e);
  void body(Writer& out, const ChildCancelRequested& e) { out.varint(e.command.value()); }
  void body(Writer& out, const MessageSent& e);
  void body(Writer& out, const MessageAnswered& e);
  void body(Writer& out, const AttributesChanged& e);
  void body(Writer& out, const RunForked& e);
  void body(Writer& out, const UpdateAccepted& e);
  void body(Writer& out, const UpdateCompleted& e);
  void body(Writer& out, const UnknownEvent& e) { out.fixed(e.bytes); }

  std::size_t inline_max_;
  std::string scratch_;
};

}  // namespace reprise
