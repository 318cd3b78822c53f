#include "tools/replay/verbs.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "api/event_json.hpp"
#include "engine/runtime/log_reads.hpp"
#include "engine/runtime/verify.hpp"
#include "tools/replay/text.hpp"
#include "tools/replay/timeline.hpp"

namespace reprise {
namespace {

constexpr std::size_t kEventsPerRead = 1000;

Json to_json(const RunReport& report) {
  return {{"run_id", to_string(report.run)},
          {"workflow_id", report.workflow.text()},
          {"type", report.type},
          {"status", to_string(report.status)},
          {"events", report.events},
          {"records", report.records},
          {"bytes", report.bytes}};
}

// What loses nothing now, and may later.
std::vector<std::string> warnings_about(const Stored& stored) {
  if (!stored.floor_has_damaged_slot) return {};
  return {
      fmt::format("one of the two slots of the durable floor is damaged, or was torn by a crash: "
                  "the other one serves, at group {}; the next write of the server mends it",
                  stored.floor->group)};
}

int verify_one(const Stored& stored, const std::string& id, Output output) {
  const Result<RunId> run = stored.find(id);
  if (!run) return unreadable(run.error());
  const Result<RunReport> report = verify_run(*stored.log, stored.catalog, *run);
  if (!report) {
    fmt::print(stderr, "not right: {}\n", words_of(report.error()));
    return kExitFault;
  }
  if (output == Output::json)
    print_json(to_json(*report));
  else
    fmt::print("{} is whole: {} in {}, {} bytes, {}\n", *run, counted(report->events, "event"),
               counted(report->records, "record"), report->bytes, to_string(report->status));
  return kExitOk;
}

int verify_all(const Stored& stored, Output output) {
  StoreReport report = verify_store(*stored.log, stored.catalog, stored.floor);
  if (!stored.floor)
    report.faults.push_back(
        {Errc::corrupt,
         "the durable floor is missing: nothing says how far the log must reach",
         {}});
  const std::vector<std::string> warnings = warnings_about(stored);
  if (output == Output::json) {
    Json faults = Json::array();
    for (const Error& fault : report.faults) faults.push_back(words_of(fault));
    print_json({{"runs", report.runs},
                {"events", report.events},
                {"records", report.records},
                {"groups", report.groups},
                {"bytes", report.bytes},
                {"runs_deleted", report.runs_deleted},
                {"faults", faults},
                {"warnings", warnings}});
  } else {
    for (const Error& fault : report.faults) fmt::print("not right: {}\n", words_of(fault));
    for (const std::string& warning : warnings) fmt::print("warning: {}\n", warning);
    fmt::print("{}: {}, {}, {}, {}{}\n",
               report.faults.empty() ? "the log is whole" : counted(report.faults.size(), "fault"),
               counted(report.runs, "run"), counted(report.events, "event"),
               counted(report.records, "record"), counted(report.groups, "group"),
               report.runs_deleted == 0
                   ? std::string()
                   : fmt::format("; {} deleted", counted(report.runs_deleted, "run")));
  }
  return report.faults.empty() ? kExitOk : kExitFault;
}

}  // namespace

int unreadable(const Error& error) {
  fmt::print(stderr, "reprise-replay: {}\n", words_of(error));
  return kExitUnreadable;
}

int list_runs(const Stored& stored, Output output) {
  if (output == Output::text)
    fmt::print("{:<30}  {:<34}  {:<14}  {:<9}  {}\n", "RUN", "WORKFLOW", "TYPE", "STATUS",
               "STARTED");
  std::optional<Error> error;
  const Result<> walked =
      for_each_run(*stored.log, [&](const WorkflowId& workflow, const RunId& run) {
        const Result<RunView> view = read_view(*stored.log, stored.catalog, workflow, run);
        if (!view) {
          error = view.error();
        } else if (output == Output::json) {
          print_json({{"run_id", to_string(run)},
                      {"workflow_id", workflow.text()},
                      {"type", view->type},
                      {"status", to_string(view->status)},
                      {"started_at", to_rfc3339(view->started_at)}});
        } else {
          fmt::print("{:<30}  {:<34}  {:<14}  {:<9}  {}\n", to_string(run), workflow.text(),
                     view->type, to_string(view->status), to_rfc3339(view->started_at));
        }
      });
  if (!walked) error = walked.error();
  return error ? unreadable(*error) : kExitOk;
}

int show_run(const Stored& stored, const std::string& id, Output output) {
  const Result<RunId> run = stored.find(id);
  if (!run) return unreadable(run.error());
  UtcTime started;
  for (Sequence after;;) {
    const Result<HistoryPage> page = read_events(*stored.log, *run, after, kEventsPerRead);
    if (!page) return unreadable(page.error());
    if (page->events.empty() && after == Sequence())
      return unreadable({Errc::not_found, "there is no run " + to_string(*run), "RUN"});
    for (const Event& event : page->events) {
      if (event.sequence == Sequence(1)) started = event.time;
      std::string line;
      if (output == Output::json)
        api::append_event(line, event);
      else
        line = timeline_line(event, started);
      fmt::print("{}\n", line);
    }
    if (page->events.size() < kEventsPerRead) return kExitOk;
    after = page->next;
  }
}

int verify(const Stored& stored, const std::string& run, Output output) {
  return run.empty() ? verify_all(stored, output) : verify_one(stored, run, output);
}

int run_again(const Stored& stored, const std::string& id, Output output) {
  const Result<RunId> run = stored.find(id);
  if (!run) return unreadable(run.error());
  const Result<ReplayReport> report = replay_run(*stored.log, stored.catalog, *run);
  if (!report) {
    fmt::print(stderr, "not right: {}\n", words_of(report.error()));
    return kExitFault;
  }
  const auto& difference = report->difference;
  if (output == Output::json) {
    Json json = to_json(report->run);
    json["activations"] = report->activations;
    json["difference"] = nullptr;
    if (difference)
      json["difference"] = {{"event", difference->at.value()},
                            {"log", difference->expected},
                            {"code", difference->found}};
    print_json(json);
  } else if (difference) {
    fmt::print("{} differs at event {}\n  the log has:   {}\n  this build:    {}\n", *run,
               difference->at, difference->expected, difference->found);
  } else {
    fmt::print("{} runs as its log says: {}, {}, no difference\n", *run,
               counted(report->run.events, "event"), counted(report->activations, "activation"));
  }
  return difference ? kExitFault : kExitOk;
}

}  // namespace reprise
