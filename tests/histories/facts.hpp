// The facts that stories are told in: what a run hears from outside, in few words.
#pragma once

#include <string>

#include "engine/core/event.hpp"

namespace reprise::corpus {

inline RunStarted started(const std::string& type, const std::string& input) {
  return {WorkflowId("story"), type, {input}, 20'260'000'042, {}};
}
inline ActivityCompleted done(std::uint32_t command, const std::string& result,
                              std::uint32_t attempt = 1) {
  return {CommandId(command), Attempt(attempt), {result}};
}
inline ActivityFailed failed(std::uint32_t command, const std::string& type,
                             std::uint32_t attempt = 1) {
  return {CommandId(command), Attempt(attempt), {type, "for a reason", false}, 0};
}
inline TimerFired fired(std::uint32_t timer) { return {CommandId(timer)}; }
inline SignalReceived signal(const std::string& name, const std::string& payload) {
  return {name, {payload}, SignalKey{digest_of("key of " + payload), digest_of(payload)}};
}
inline UpdateAccepted update(const std::string& id, const std::string& name,
                             const std::string& input) {
  return {id, name, {input}, digest_of(name + " " + input)};
}
inline ChildStarted child_started(std::uint32_t command) {
  return {CommandId(command),
          RunId::make(UtcTime::from_micros(1'700'000'000'000'000), command, command)};
}
inline ChildClosed child_done(std::uint32_t command, const std::string& result) {
  return {CommandId(command), {result}};
}
inline ChildClosed child_failed(std::uint32_t command, const std::string& type) {
  return {CommandId(command), {}, type, "for a reason"};
}
inline MessageAnswered answered(std::uint32_t command, const std::string& error_type = {}) {
  return {CommandId(command), error_type, error_type.empty() ? "" : "for a reason"};
}

}  // namespace reprise::corpus
