// CommandLine: what the user asked of the binary `reprise`, read and checked, not yet done.
//
// Guarantees: nothing has been sent or opened; values that only the command line decides (numbers,
//             durations, choices) are valid. Whether an id exists is the server's to say.
// Units:      wait: nothing = do not wait; kForever = until the end.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.hpp"
#include "base/time.hpp"
#include "tools/reprise/exit_code.hpp"

namespace reprise::cli {

inline constexpr Duration kForever = Duration::max();

struct Serve {
  std::string data;        // empty: default_data_folder()
  std::string backup_dir;  // empty: no backups
  std::string listen = "127.0.0.1:8000";
  std::string provider;  // empty: what the environment configures, else `offline`
  Duration offline_latency{0};
  unsigned threads = 0;  // 0: one per core
  Duration stuck_after = std::chrono::seconds(10);
  Duration timers_late_max = std::chrono::minutes(2);
  Duration retention{0};  // 0: for ever
  bool private_callbacks = false;
  bool bench = false;  // also the workflow types that tools/bench drives
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::text;
};

// --- verbs about tasks ---
struct AddTask {
  std::string text;
  std::string title;  // empty: the first line of the text
  std::string file;   // its contents follow the text; "-" is standard input
  std::string priority;
  std::string domain;
  std::string review_policy;
  std::string provider;
  std::string idempotency_key;
  std::optional<Duration> wait;
  bool watch = false;
};
struct ShowStatus {
  std::string id;  // empty: the server's own
};
struct ListTasks {
  std::string status;  // empty: any
  unsigned limit = 20;
  unsigned page = 1;
};
struct ShowTask {
  std::string id;
};
struct ShowTaskResult {
  std::string id;
  std::optional<Duration> wait;
};
struct CancelTask {
  std::string id;
  std::string reason;
};
struct ApproveTask {
  std::string id;
  std::string decision;
  std::string comment;
};
struct WatchTask {
  std::string id;
};

// --- verbs about workflows of any type ---
struct StartWorkflow {
  std::string type;
  std::string id;                       // empty: the server makes one
  std::string input;                    // JSON; empty: none
  std::vector<std::string> attributes;  // NAME=VALUE
  std::string memo;                     // JSON; empty: none
  std::string callback_url;
  std::string priority;
  std::string fairness_key;
  unsigned fairness_weight = 0;  // 0: none given
  std::string idempotency_key;
  std::string id_reuse;
  std::string id_conflict;
  std::string start_delay;  // durations as they were written, and checked
  std::string run_timeout;
  std::string execution_timeout;
  std::optional<Duration> wait;
};
struct ListWorkflows {
  std::string type;     // empty: any
  bool parked = false;  // those whose code does not run, with the reason
  std::string query;    // empty: all of them
  unsigned limit = 20;
};
struct DescribeWorkflow {
  std::string id;
};
struct ShowHistory {
  std::string id;
  std::uint64_t after = 0;
  bool follow = false;
};
struct SignalWorkflow {
  std::string id;
  std::string name;
  std::string input;  // JSON; empty: none
  std::string idempotency_key;
};
struct QueryWorkflow {
  std::string id;
  std::string name;
  std::string input;  // JSON; empty: none
};
struct CancelWorkflow {
  std::string id;
  std::string reason;
};
struct UpdateWorkflow {
  std::string id;
  std::string name;
  std::string input;  // JSON; empty: none
  std::string idempotency_key;
  std::optional<Duration> wait;
};
// terminate, pause, unpause
struct ResetWorkflow {
  std::string id;
  std::string run;          // empty: the latest
  std::uint32_t event = 0;  // this or `stage`
  std::string stage;
  std::string reason;
  bool drop_signals = false;
};
struct DeleteWorkflow {
  std::string id;
  std::string run;  // empty: all runs
};
struct ControlWorkflow {
  std::string id;
  std::string control;
  std::string reason;
};
struct ShowWorkflowResult {
  std::string id;
  std::optional<Duration> wait;
};

// --- verbs about schedules ---
struct CreateSchedule {
  std::string id;
  std::string type;
  std::string input;  // JSON; empty: none
  std::string cron;   // this or `every`
  std::string every;  // durations and times as they were written
  std::string offset;
  std::string start_at;
  std::string end_at;
  unsigned remaining_actions = 0;  // 0: without end
  std::string overlap;
  std::string catchup_window;
  std::string jitter;
  std::string run_timeout;
  std::string execution_timeout;
  std::string note;
  std::string idempotency_key;
  bool paused = false;
};
struct ListSchedules {
  std::string after;  // empty: from the first
  unsigned limit = 20;
};
struct ShowSchedule {
  std::string id;
};
// pause, unpause
struct PauseSchedule {
  std::string id;
  std::string control;
  std::string note;
};
struct TriggerSchedule {
  std::string id;
  std::string overlap;
  std::string idempotency_key;
};
struct BackfillSchedule {
  std::string id;
  std::string from;
  std::string to;
  std::string overlap;
  std::string idempotency_key;
};
struct DeleteSchedule {
  std::string id;
};
// --- verbs about queues ---
struct ShowQueue {
  std::string name;
};
// What is not given is not limited any more.
struct LimitQueue {
  std::string name;
  unsigned concurrency_max = 0;  // 0: no limit
  std::string rate;              // "10/1s"; empty: no limit
  bool none = false;
};

// --- verbs about backups ---
struct CreateBackup {
  std::string name;        // empty: the server makes one
  std::uint32_t keep = 0;  // 0: all
  std::optional<Duration> wait;
};
struct ListBackups {};
struct ShowBackup {
  std::string name;
};

using Verb =
    std::variant<Serve, AddTask, ShowStatus, ListTasks, ShowTask, ShowTaskResult, CancelTask,
                 ApproveTask, WatchTask, StartWorkflow, ListWorkflows, DescribeWorkflow,
                 ShowHistory, SignalWorkflow, QueryWorkflow, CancelWorkflow, UpdateWorkflow,
                 ControlWorkflow, ResetWorkflow, DeleteWorkflow, ShowWorkflowResult, CreateSchedule,
                 ListSchedules, ShowSchedule, PauseSchedule, TriggerSchedule, BackfillSchedule,
                 DeleteSchedule, ShowQueue, LimitQueue, CreateBackup, ListBackups, ShowBackup>;

struct CommandLine {
  Verb verb;
  std::string url = "http://127.0.0.1:8000";  // --url, else REPRISE_URL
  bool json = false;                          // --output json: the server's own bytes
};

// Reads the arguments behind the program's name. Help, the version and complaints are printed here;
// the exit code then says how the process ends.
std::expected<CommandLine, ExitCode> read_command_line(std::vector<std::string> arguments);

}  // namespace reprise::cli
