#include "tests/boundaries/story.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/core/run.hpp"

namespace reprise::testing {
namespace {

constexpr std::array kTimesOfViews = {"created_at", "updated_at", "completed_at"};

EventBody without_crash_traces(EventBody body) {
  std::visit(
      [](auto& b) {
        if constexpr (requires { b.attempt; }) b.attempt = Attempt();
        if constexpr (requires { b.next_attempt_at; }) b.next_attempt_at = UtcTime();
        if constexpr (requires { b.fire_at; }) b.fire_at = UtcTime();
      },
      body);
  return body;
}

std::vector<EventBody> told(const std::vector<Event>& events) {
  std::vector<EventBody> bodies;
  for (const Event& event : events)
    if (!std::holds_alternative<ActivityAttemptLost>(event.body))
      bodies.push_back(without_crash_traces(event.body));
  return bodies;
}

std::string custom_without_times(const RunView& view) {
  if (view.custom.empty()) return {};
  auto members = nlohmann::json::parse(view.custom);
  for (const char* name : kTimesOfViews) members.erase(name);
  return members.dump();
}

RunView without_times(RunView view) {
  view.custom = custom_without_times(view);
  view.started_at = view.updated_at = view.closed_at = UtcTime();
  view.last = Sequence();
  return view;
}

std::string text_at(const std::vector<EventBody>& bodies, std::size_t index) {
  return index < bodies.size() ? to_text(bodies[index]) : "nothing";
}

}  // namespace

std::string difference(const Ending& one, const Ending& other) {
  const std::vector<EventBody> left = told(one.events);
  const std::vector<EventBody> right = told(other.events);
  const auto [l, r] = std::ranges::mismatch(left, right);
  if (l != left.end() || r != right.end()) {
    const auto index = static_cast<std::size_t>(l - left.begin());
    return fmt::format("event {} of the story: {} against {}", index + 1, text_at(left, index),
                       text_at(right, index));
  }
  const RunView left_view = without_times(one.view);
  const RunView right_view = without_times(other.view);
  if (left_view == right_view) return {};
  return fmt::format("the view: {} {} against {} {}", to_string(left_view.status), left_view.custom,
                     to_string(right_view.status), right_view.custom);
}

}  // namespace reprise::testing
