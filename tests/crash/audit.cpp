#include "tests/crash/audit.hpp"

#include <fmt/format.h>

#include <map>
#include <stdexcept>
#include <utility>

#include "engine/runtime/log_reads.hpp"
#include "engine/runtime/verify.hpp"
#include "storage/data_dir.hpp"
#include "tests/crash/call_log.hpp"
#include "tools/replay/stored.hpp"

namespace reprise::testing {
namespace {

constexpr std::size_t kEventsPerRead = 1000;

// One history, counted.
struct RunFacts {
  std::map<std::uint32_t, std::vector<Attempt>>
      outcomes;  // of each command: attempts that closed it
  std::map<std::string, std::vector<std::uint64_t>> signals;  // by payload: their sequences
  std::optional<Event> end;
};

class Auditor {
 public:
  Auditor(const Stored& stored, const Acknowledged& acknowledged)
      : stored_(stored), acknowledged_(acknowledged) {}

  AuditReport run(const std::filesystem::path& call_log) {
    verify_and_replay();
    check_tasks();
    check_workflows();
    check_signals();
    check_calls(read_call_log(call_log));
    return std::move(report_);
  }

 private:
  template <typename... Arguments>
  void fault(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    report_.faults.push_back(fmt::format(format, std::forward<Arguments>(arguments)...));
  }

  void verify_and_replay() {
    const StoreReport verified = verify_store(*stored_.log, stored_.catalog, stored_.floor);
    for (const Error& error : verified.faults) fault("verify: {}", to_string(error));
    report_.runs = verified.runs;
    report_.events = verified.events;
    report_.groups = verified.groups;
    const Result<> walked =
        for_each_run(*stored_.log, [&](const WorkflowId& workflow, const RunId& run) {
          replay(run);
          read(workflow, run);
        });
    if (!walked) fault("{}", to_string(walked.error()));
  }

  void replay(const RunId& run) {
    const Result<ReplayReport> replayed = replay_run(*stored_.log, stored_.catalog, run);
    if (!replayed)
      fault("replay: {}", to_string(replayed.error()));
    else if (const auto& difference = replayed->difference)
      fault("replay: {} differs at event {}: {} in the log, {} by the code", run, difference->at,
            difference->expected, difference->found);
  }

  void read(const WorkflowId& workflow, const RunId& run) {
    RunFacts& facts = runs_[to_string(run)];
    if (const auto [at, is_new] = run_of_.emplace(workflow.text(), to_string(run)); !is_new)
      fault("{} has two runs: {} and {}", workflow, at->second, run);
    std::uint64_t expected = 0;
    for (Sequence after;;) {
      const Result<HistoryPage> page = read_events(*stored_.log, run, after, kEventsPerRead);
      if (!page) return fault("{}", to_string(page.error()));
      for (const Event& event : page->events) {
        if (event.sequence.value() != ++expected)
          fault("{}: event {} stands where {} should", run, event.sequence, expected);
        count(facts, event);
      }
      if (page->events.size() < kEventsPerRead) return;
      after = page->next;
    }
  }

  void count(RunFacts& facts, const Event& event) {
    if (const auto* completed = std::get_if<ActivityCompleted>(&event.body))
      facts.outcomes[completed->command.value()].push_back(completed->attempt);
    if (const auto* failed = std::get_if<ActivityFailed>(&event.body))
      facts.outcomes[failed->command.value()].push_back(failed->attempt);
    if (const auto* signal = std::get_if<SignalReceived>(&event.body))
      facts.signals[signal->payload.bytes].push_back(event.sequence.value());
    if (std::holds_alternative<ActivityAttemptLost>(event.body)) ++report_.attempts_lost;
    if (is_terminal(event.body)) facts.end = event;
  }

  const RunFacts* find(const std::string& workflow) {
    const auto run = run_of_.find(workflow);
    if (run != run_of_.end()) return &runs_.at(run->second);
    fault("{} was acknowledged and is not there", workflow);
    return nullptr;
  }

  // An activity whose process died under it three times fails, and its task with it: that is an end.
  void check_tasks() {
    for (const auto& [id, status] : acknowledged_.tasks) {
      const RunFacts* facts = find(id);
      if (facts == nullptr) continue;
      if (!facts->end) {
        fault("task {} has not ended", id);
        continue;
      }
      const auto* failed = std::get_if<RunFailed>(&facts->end->body);
      const bool is_completed = std::holds_alternative<RunCompleted>(facts->end->body);
      // A lost subtask's cause stands in the task's own message.
      const bool lost =
          failed != nullptr && (failed->type == "lost" || failed->message.contains(": lost: "));
      if (lost) ++report_.tasks_lost;
      if (!is_completed && !lost)
        fault("task {} failed: {}", id, failed == nullptr ? "cancelled" : failed->message);
      if (status != (is_completed ? "completed" : "failed"))
        fault("task {}: its client was told {}", id, status);
    }
  }

  void check_workflows() {
    for (const auto& [id, status] : acknowledged_.workflows) {
      const RunFacts* facts = find(id);
      if (facts == nullptr) continue;
      if (!facts->end)
        fault("{} has not ended", id);
      else if (status != "completed")
        fault("{}: its client was told {}", id, status);
    }
  }

  void check_signals() {
    for (const Acknowledged::Signal& signal : acknowledged_.signals) {
      const RunFacts* facts = find(signal.workflow);
      if (facts == nullptr) continue;
      const auto found = facts->signals.find(signal.payload);
      if (found == facts->signals.end())
        fault("{}: the acknowledged signal {} is missing", signal.workflow, signal.payload);
      else if (found->second != std::vector{signal.sequence})
        fault("{}: signal {} was acknowledged as event {} and stands there {} times, first as {}",
              signal.workflow, signal.payload, signal.sequence, found->second.size(),
              found->second.front());
    }
  }

  // An attempt is begun once, and none is begun behind the one whose outcome is recorded.
  void check_calls(const std::map<std::string, CommandCalls>& calls) {
    for (const auto& [run, facts] : runs_)
      for (const auto& [command, attempts] : facts.outcomes) {
        ++report_.activities_recorded;
        if (attempts.size() != 1)
          fault("{}: command {} has {} outcomes", run, command, attempts.size());
        const auto called = calls.find(fmt::format("{}/{}", run, command));
        if (called == calls.end()) continue;  // a bench step: the provider has not heard of it
        if (const std::uint32_t last = called->second.rbegin()->first;
            last > attempts.front().value())
          fault("{}/{}: attempt {} was run, although attempt {} is recorded", run, command, last,
                attempts.front());
      }
    for (const auto& [key, attempts] : calls)
      for (const auto& [attempt, count] : attempts) {
        report_.calls_begun += count.begun;
        report_.calls_cut_off += count.begun - count.ended;
        if (count.begun != 1) fault("{}: attempt {} was run {} times", key, attempt, count.begun);
        if (!runs_.contains(key.substr(0, key.find('/')))) fault("{} is of no run", key);
      }
  }

  const Stored& stored_;
  const Acknowledged& acknowledged_;
  AuditReport report_;
  std::map<std::string, RunFacts> runs_;
  std::map<std::string, std::string> run_of_;
};

}  // namespace

AuditReport audit(const std::filesystem::path& data, const Acknowledged& acknowledged) {
  const Result<Stored> stored = Stored::open(data);
  if (!stored) throw std::runtime_error(to_string(stored.error()));
  return Auditor(*stored, acknowledged).run(DataDir(data).offline_calls());
}

}  // namespace reprise::testing
