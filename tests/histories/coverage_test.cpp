// The golden histories hold every kind of event that a history can hold, and every way to use it that
// changes what replay does. A new kind, or a new use, needs a story.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "engine/core/codec.hpp"
#include "tests/histories/history_file.hpp"

namespace reprise::corpus {
namespace {

// Numbers that no build writes.
const std::map<std::uint16_t, std::string_view> kReserved = {
    {29, "for the outcome that a fork takes over from its parent"}};

constexpr std::uint16_t kNumbersLookedAt = 1000;

std::vector<Record> golden_records() {
  std::vector<Record> records;
  for (const auto& path : history_files(REPRISE_HISTORIES)) {
    const HistoryFile history = read_history(path);
    for (const std::string& bytes : history.records)
      records.push_back(decode_record(history.run, bytes, {})->record);
  }
  return records;
}

template <typename Body>
using Use = bool (*)(const Body&);

// Is there an event of this kind that is used so?
template <typename Body>
void expect(const std::vector<Record>& records, std::string_view what, Use<Body> is_it) {
  const bool found = std::ranges::any_of(records, [&](const Record& record) {
    return std::ranges::any_of(record.events, [&](const Event& event) {
      const auto* body = std::get_if<Body>(&event.body);
      return body != nullptr && is_it(*body);
    });
  });
  EXPECT_TRUE(found) << "no golden history has " << what;
}

TEST(HistoriesCoverage, EveryKindOfEventIsInAGoldenHistory) {
  std::set<EventKind> covered;
  for (const Record& record : golden_records())
    for (const Event& event : record.events) covered.insert(kind_of(event.body));
  for (std::uint16_t number = 1; number < kNumbersLookedAt; ++number) {
    const auto kind = static_cast<EventKind>(number);
    const bool is_known = to_string(kind) != "unknown";
    if (const auto reserved = kReserved.find(number); reserved != kReserved.end())
      EXPECT_FALSE(is_known) << number << " is reserved: " << reserved->second;
    else if (is_known)
      EXPECT_TRUE(covered.contains(kind)) << "no golden history has " << to_string(kind);
  }
}

TEST(HistoriesCoverage, EveryUseOfRunsIsInAGoldenHistory) {
  const std::vector<Record> all = golden_records();
  expect<RunStarted>(all, "a start delay", [](auto& e) { return e.not_before != UtcTime(); });
  expect<RunStarted>(all, "a run timeout", [](auto& e) { return e.run_timeout > Duration(0); });
  expect<RunStarted>(all, "an execution deadline",
                     [](auto& e) { return e.execution_deadline != UtcTime(); });
  expect<RunStarted>(all, "a child's start", [](auto& e) { return e.parent.has_value(); });
  expect<RunStarted>(all, "labels", [](auto& e) { return e.labels.has_value(); });
  expect<RunStarted>(all, "a fork", [](auto& e) { return e.origins.has_value(); });
  expect<RunStarted>(all, "a callback", [](auto& e) { return e.callback_url.has_value(); });
  expect<RunForked>(all, "time that passed before a fork",
                    [](auto& e) { return e.shift > Duration(0); });
  expect<RunStarted>(all, "a continued run", [](auto& e) { return e.continued_from != RunId(); });
  expect<RunStarted>(all, "a schedule", [](auto& e) { return e.type == "reprise.schedule"; });
  expect<RunTimedOut>(all, "a run's own deadline", [](auto& e) { return !e.execution; });
  expect<RunTimedOut>(all, "an execution's deadline", [](auto& e) { return e.execution; });
  expect<AttributesChanged>(all, "an attribute that is removed", [](auto& e) {
    return std::ranges::any_of(e.changes, [](auto& change) { return !change.second; });
  });
}

TEST(HistoriesCoverage, EveryUseOfMessagesIsInAGoldenHistory) {
  const std::vector<Record> all = golden_records();
  using Close = ParentClose;
  using Verb = MessageVerb;
  expect<ChildScheduled>(all, "a child that ends with its parent",
                         [](auto& e) { return e.on_close == Close::terminate; });
  expect<ChildScheduled>(all, "a child that is cancelled with its parent",
                         [](auto& e) { return e.on_close == Close::cancel; });
  expect<ChildScheduled>(all, "a child that is abandoned",
                         [](auto& e) { return e.on_close == Close::abandon; });
  expect<ChildScheduled>(all, "a child with timeouts", [](auto& e) {
    return e.run_timeout > Duration(0) && e.execution_timeout > Duration(0);
  });
  expect<ChildClosed>(all, "a child that failed", [](auto& e) { return !e.error_type.empty(); });
  expect<ChildClosed>(all, "a child's result", [](auto& e) { return e.error_type.empty(); });
  expect<MessageSent>(all, "a signal to another", [](auto& e) { return e.verb == Verb::signal; });
  expect<MessageSent>(all, "a cancel of another", [](auto& e) { return e.verb == Verb::cancel; });
  expect<MessageSent>(all, "an end of another", [](auto& e) { return e.verb == Verb::terminate; });
  expect<MessageAnswered>(all, "a refusal", [](auto& e) { return !e.error_type.empty(); });
  expect<UpdateCompleted>(all, "an update's answer", [](auto& e) { return e.error_type.empty(); });
  expect<UpdateCompleted>(all, "an update that failed",
                          [](auto& e) { return !e.error_type.empty(); });
  expect<SignalReceived>(all, "a signal that was carried over",
                         [](auto& e) { return e.carried_from != Sequence(); });
  expect<SignalReceived>(all, "a keyed signal", [](auto& e) { return e.key.has_value(); });
}

TEST(HistoriesCoverage, EveryUseOfActivitiesIsInAGoldenHistory) {
  const std::vector<Record> all = golden_records();
  expect<ActivityScheduled>(all, "a local step",
                            [](auto& e) { return e.name.starts_with(kStepPrefix); });
  expect<ActivityScheduled>(all, "a step that shares a commit",
                            [](auto& e) { return e.options.shares_commit; });
  expect<ActivityScheduled>(all, "remote work under all timeouts", [](auto& e) {
    const ActivityOptions& options = e.options;
    return !options.queue.empty() && !options.provider.empty() &&
           options.schedule_to_close > Duration(0) && options.schedule_to_start > Duration(0) &&
           options.heartbeat_timeout > Duration(0);
  });
  expect<ActivityAttemptFailed>(all, "what a heartbeat told",
                                [](auto& e) { return !e.details.bytes.empty(); });
  expect<ActivityFailed>(all, "attempts that were folded",
                         [](auto& e) { return e.attempts_folded > 0; });
  EXPECT_TRUE(std::ranges::any_of(all, [](const Record& record) {
    return record.activations.size() > 1;
  })) << "no golden history has a record of several activations";
}

}  // namespace
}  // namespace reprise::corpus
