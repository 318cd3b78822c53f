// Window: of a history that is not linearizable, the shortest beginning that is none either, for people.
//
// The last call to end in it is the one that cannot be explained. Shown are the calls before it, in an
// order that explains as many as can be, the object as it stands then, and those that fit nowhere.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/linear/checker.hpp"

namespace reprise::linear {

// The history up to an instant: what ended later is not known yet.
template <SequentialObject Object>
CallsOf<Object> until(const CallsOf<Object>& calls, Instant end) {
  CallsOf<Object> before;
  for (const auto& call : calls) {
    if (call.asked > end) continue;
    before.push_back(call);
    if (call.ended <= end) continue;
    before.back().ended = kNever;
    before.back().answer.reset();
  }
  std::ranges::sort(before, {}, [](const auto& call) { return call.asked; });
  return before;
}

template <SequentialObject Object>
CallsOf<Object> smallest_window(const CallsOf<Object>& calls, std::size_t budget = kBudget) {
  std::vector<Instant> ends;
  for (const auto& call : calls)
    if (call.answer) ends.push_back(call.ended);
  std::ranges::sort(ends);
  // A beginning of a linearizable history is linearizable.
  const auto first = std::ranges::partition_point(ends, [&](Instant end) {
    return check<Object>(until<Object>(calls, end), budget).verdict == Verdict::linearizable;
  });
  return first == ends.end() ? calls : until<Object>(calls, *first);
}

template <SequentialObject Object>
std::string explain(const CallsOf<Object>& calls, std::size_t budget = kBudget) {
  constexpr std::size_t kShown = 12;
  const CallsOf<Object> window = smallest_window<Object>(calls, budget);
  const Finding<Object> finding = Checker<Object>(window).run(budget);
  const auto line = [&](std::size_t i) {
    const auto& call = window[i];
    const std::string end = call.ended == kNever ? "" : fmt::format("{}", call.ended);
    return fmt::format("  client {} [{}, {}] {} -> {}\n", call.client, call.asked, end,
                       to_text(call.operation), call.answer ? to_text(*call.answer) : "no answer");
  };
  std::string text =
      fmt::format("{} calls up to the first that no order explains\n", window.size());
  if (finding.verdict == Verdict::undecided) text += "the search went over its budget\n";
  text += "explained, the last of them in the order in which they took effect:\n";
  const std::size_t shown = std::min(finding.order.size(), kShown);
  for (std::size_t i = finding.order.size() - shown; i < finding.order.size(); ++i)
    text += line(finding.order[i]);
  text += fmt::format("then it is: {}\nnot explained:\n", to_text(finding.state));
  for (std::size_t i = 0; i < window.size(); ++i)
    if (std::ranges::find(finding.order, i) == finding.order.end() && window[i].answer)
      text += line(i);
  text += "without an answer, and not needed:\n";
  for (std::size_t i = 0; i < window.size(); ++i)
    if (std::ranges::find(finding.order, i) == finding.order.end() && !window[i].answer &&
        window[i].ended > window[finding.order.empty() ? 0 : finding.order.back()].asked)
      text += line(i);
  return text;
}

}  // namespace reprise::linear
