#include "engine/core/event.hpp"

namespace reprise {
namespace {

// The kind of each alternative of EventBody, in its order; 0 stands for UnknownEvent.
constexpr std::uint16_t kKinds[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                    13, 14, 15, 16, 17, 19, 30, 31, 32, 33, 34, 20,
                                    21, 22, 23, 24, 25, 26, 27, 28, 18, 0};
static_assert(std::size(kKinds) == std::variant_size_v<EventBody>);

}  // namespace

std::string_view to_string(MessageVerb verb) noexcept {
  switch (verb) {
    case MessageVerb::signal: return "signal";
    case MessageVerb::cancel: return "cancel";
    case MessageVerb::terminate: return "terminate";
  }
  return "unknown";
}

std::string_view to_string(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::run_started: return "run_started";
    case EventKind::signal_received: return "signal_received";
    case EventKind::activity_scheduled: return "activity_scheduled";
    case EventKind::activity_completed: return "activity_completed";
    case EventKind::activity_attempt_failed: return "activity_attempt_failed";
    case EventKind::activity_failed: return "activity_failed";
    case EventKind::activity_attempt_lost: return "activity_attempt_lost";
    case EventKind::activity_cancelled: return "activity_cancelled";
    case EventKind::timer_started: return "timer_started";
    case EventKind::timer_fired: return "timer_fired";
    case EventKind::timer_cancelled: return "timer_cancelled";
    case EventKind::fact_recorded: return "fact_recorded";
    case EventKind::stage_entered: return "stage_entered";
    case EventKind::cancel_requested: return "cancel_requested";
    case EventKind::run_completed: return "run_completed";
    case EventKind::run_failed: return "run_failed";
    case EventKind::run_cancelled: return "run_cancelled";
    case EventKind::run_forked: return "run_forked";
    case EventKind::run_continued: return "run_continued";
    case EventKind::update_accepted: return "update_accepted";
    case EventKind::update_completed: return "update_completed";
    case EventKind::child_scheduled: return "child_scheduled";
    case EventKind::child_started: return "child_started";
    case EventKind::child_closed: return "child_closed";
    case EventKind::child_cancel_requested: return "child_cancel_requested";
    case EventKind::message_sent: return "message_sent";
    case EventKind::message_answered: return "message_answered";
    case EventKind::attributes_changed: return "attributes_changed";
    case EventKind::patch_applied: return "patch_applied";
    case EventKind::run_terminated: return "run_terminated";
    case EventKind::run_paused: return "run_paused";
    case EventKind::run_unpaused: return "run_unpaused";
    case EventKind::run_timed_out: return "run_timed_out";
  }
  return "unknown";
}

EventKind kind_of(const EventBody& body) noexcept {
  if (const auto* unknown = std::get_if<UnknownEvent>(&body))
    return static_cast<EventKind>(unknown->kind);
  return static_cast<EventKind>(kKinds[body.index()]);
}

EventClass class_of(const EventBody& body) noexcept {
  switch (kind_of(body)) {
    case EventKind::run_started:
    case EventKind::signal_received:
    case EventKind::update_accepted:
    case EventKind::child_started:
    case EventKind::child_closed:
    case EventKind::message_answered:
    case EventKind::activity_completed:
    case EventKind::activity_failed:
    case EventKind::timer_fired:
    case EventKind::cancel_requested: return EventClass::input;
    case EventKind::activity_attempt_failed:
    case EventKind::activity_attempt_lost:
    case EventKind::run_forked:
    case EventKind::run_terminated:
    case EventKind::run_paused:
    case EventKind::run_unpaused:
    case EventKind::run_timed_out: return EventClass::note;
    default: return EventClass::command;
  }
}

CommandId command_of(const EventBody& body) noexcept {
  return std::visit(
      []<typename Body>(const Body& b) {
        if constexpr (requires { b.command; })
          return b.command;
        else
          return CommandId(0);
      },
      body);
}

std::size_t payload_bytes(const EventBody& body) noexcept {
  return std::visit(
      []<typename Body>(const Body& b) {
        if constexpr (requires { b.input.bytes; })
          return b.input.bytes.size();
        else if constexpr (requires { b.payload.bytes; })
          return b.payload.bytes.size();
        else if constexpr (requires { b.result.bytes; })
          return b.result.bytes.size();
        else if constexpr (requires { b.fact.bytes; })
          return b.fact.bytes.size();
        else
          return std::size_t{0};
      },
      body);
}

bool is_ended_from_outside(const EventBody& body) noexcept {
  const auto kind = static_cast<EventKind>(kKinds[body.index()]);
  return kind == EventKind::run_terminated || kind == EventKind::run_timed_out;
}

bool is_terminal(const EventBody& body) noexcept {
  switch (static_cast<EventKind>(kKinds[body.index()])) {  // a later form of a kind is none of it
    case EventKind::run_completed:
    case EventKind::run_failed:
    case EventKind::run_cancelled:
    case EventKind::run_continued:
    case EventKind::run_terminated:
    case EventKind::run_timed_out: return true;
    default: return false;
  }
}

}  // namespace reprise
