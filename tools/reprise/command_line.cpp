#include "tools/reprise/command_line.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/arguments/argument_checks.hpp"

namespace reprise::cli {
namespace {

constexpr std::string_view kAbout =
    "Reprise: a durable workflow engine, and the multi-agent task system that runs on it.\n"
    "Start a server with `reprise serve`; every other verb talks to one over HTTP.";
constexpr std::string_view kExitCodes =
    "Exit codes: 0 done; 1 the server refused; 2 wrong usage; 3 no server answers;\n"
    "            4 the task or workflow failed or was cancelled; 5 still running after --wait.\n"
    "            serve: 69 a workflow did not end; 70 the log could not be written;\n"
    "            71 the store or address cannot be opened.";

constexpr std::string_view kWaitForever = "forever";

// CLI11 checks a value as it reads it; an empty answer is agreement.
std::string complain_about_duration(const std::string& text) {
  if (parse_duration(text)) return {};
  return "\"" + text +
         "\" is not a duration: write a number and a unit, such as 500ms, 30s or 2m; ten years at "
         "most";
}

// N/DURATION
std::string complain_about_rate(const std::string& text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const bool is_count = slash > 0 && slash <= 6 && text.find_first_not_of("0123456789") == slash &&
                        text.front() != '0';
  if (is_count && slash < text.size() && parse_duration(text.substr(slash + 1))) return {};
  return "\"" + text + "\" is no rate: write a number, a slash and a duration, such as 10/1s";
}

std::string is_attribute(const std::string& text) {
  if (const std::size_t equals = text.find('='); equals != 0 && equals != std::string::npos)
    return {};
  return "\"" + text + "\" is no attribute: write NAME=VALUE";
}

// A number, with a unit or without: what stands behind --wait to say how long, even when it is wrong.
// So does nothing at all.
bool is_meant_as_duration(std::string_view text) {
  if (text.empty() || parse_duration(text)) return true;
  constexpr std::array<std::string_view, 7> kUnits = {"", "us", "ms", "s", "m", "h", "d"};
  const std::size_t unit = std::min(text.find_first_not_of("+-.0123456789"), text.size());
  const bool has_digit = text.find_first_of("0123456789") < unit;
  return has_digit && std::ranges::find(kUnits, text.substr(unit)) != kUnits.end();
}

// `--wait 30s` is one option to the user. `--wait` alone must not swallow the text behind it, so the
// value is glued on here where it is meant as a duration, and the option takes none otherwise.
void glue_wait_values(std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == "--") return;
    if (arguments[i] != "--wait" || !is_meant_as_duration(arguments[i + 1])) continue;
    arguments[i] += "=" + arguments[i + 1];
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
}

// Builds the grammar, a verb at a time. Each verb's values live in the grammar until parsing ends.
class Grammar {
 public:
  Grammar() : app_(std::string(kAbout), "reprise") {
    app_.set_version_flag("--version", std::string("reprise ") + REPRISE_VERSION);
    app_.footer(std::string(kExitCodes));
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.add_option("--url", line_.url, "Where the server is")
        ->envname("REPRISE_URL")
        ->default_str("http://127.0.0.1:8000")
        ->type_name("URL");
    app_.add_option("--output", output_, "text for people, json for the server's own bytes")
        ->check(one_of({"text", "json"}))
        ->default_str("text")
        ->type_name("text|json");
    add_serve();
    add_task_verbs();
    add_task_reads();
    CLI::App& workflow = *app_.add_subcommand("workflow", "Start, signal and read any workflow");
    workflow.require_subcommand(1);
    workflow.fallthrough();
    add_workflow_writes(workflow);
    add_workflow_reads(workflow);
    add_workflow_repairs(workflow);
    CLI::App& schedule = *app_.add_subcommand("schedule", "Start workflows by the clock");
    schedule.require_subcommand(1);
    schedule.fallthrough();
    add_schedule_creation(schedule);
    add_schedule_verbs(schedule);

    CLI::App& queue =
        *app_.add_subcommand("queue", "See what waits in a queue, and set its limits");
    queue.require_subcommand(1);
    queue.fallthrough();
    add_queue_verbs(queue);

    CLI::App& backup =
        *app_.add_subcommand("backup", "Make and list backups of the server's store");
    backup.require_subcommand(1);
    backup.fallthrough();
    add_backup_verbs(backup);
  }

  std::expected<CommandLine, ExitCode> read(std::vector<std::string> arguments) {
    glue_wait_values(arguments);
    if (const std::string wrong = wrong_word(app_, arguments); !wrong.empty())
      return complain(wrong);
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      return std::unexpected(app_.exit(error) == 0 ? ExitCode::ok : ExitCode::usage);
    }
    if (const std::string wrong = wrong_value(app_); !wrong.empty()) return complain(wrong);
    line_.json = output_ == "json";
    return std::move(line_);
  }

 private:
  static std::unexpected<ExitCode> complain(const std::string& what) {
    std::cerr << what << "\nRun with --help for more information.\n";
    return std::unexpected(ExitCode::usage);
  }

  // A subcommand whose parsed values become the verb.
  template <typename V>
  std::pair<CLI::App&, V&> add(CLI::App& parent, const char* name, const char* what) {
    CLI::App& verb = *parent.add_subcommand(name, what);
    verb.fallthrough();
    auto values = std::make_shared<V>();
    verb.callback([this, values] {
      if constexpr (requires { values->wait; }) values->wait = wait();
      line_.verb = *values;
    });
    return {verb, *values};
  }

  static void add_id(CLI::App& verb, std::string& id, const char* what = "Task id") {
    verb.add_option("id", id, what)->required()->type_name("ID");
  }
  static void add_input(CLI::App& verb, std::string& input, const char* what) {
    verb.add_option("--input", input, what)->type_name("JSON");
  }
  static void add_key(CLI::App& verb, std::string& key) {
    verb.add_option("--id-key", key, "Idempotency key: the same key and request act once")
        ->type_name("KEY");
  }
  static void add_duration(CLI::App& verb, const char* name, std::string& value, const char* what) {
    verb.add_option(name, value, what)->check(complain_about_duration)->type_name("DURATION");
  }
  static CLI::Option* add_duration(CLI::App& verb, const char* name, Duration& value,
                                   const char* what) {
    const auto take = [&value](const std::string& text) { value = *parse_duration(text); };
    return verb.add_option_function<std::string>(name, take, what)
        ->check(complain_about_duration)
        ->type_name("DURATION");
  }
  void add_control(CLI::App& workflow, const char* control, const char* what) {
    auto [verb, c] = add<ControlWorkflow>(workflow, control, what);
    c.control = control;
    add_id(verb, c.id, "Workflow id");
    verb.add_option("--reason", c.reason, "Why; it is kept in the history");
  }
  // A flag to CLI11, so that it takes a value only with an equals sign.
  void add_wait(CLI::App& verb) {
    verb.add_flag("--wait{forever}", wait_, "Wait for the end, at most this long (--wait 30s)")
        ->check([](const std::string& text) {
          return text == kWaitForever ? std::string() : complain_about_duration(text);
        })
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  [[nodiscard]] std::optional<Duration> wait() const {
    if (wait_.empty()) return std::nullopt;
    return wait_ == kWaitForever ? kForever : parse_duration(wait_);
  }

  void add_serve() {
    auto [verb, v] = add<Serve>(app_, "serve", "Run the server in the foreground");
    verb.add_option("--data", v.data, "Folder of the store (default: $XDG_STATE_HOME/reprise)")
        ->type_name("DIR");
    verb.add_option("--backup-dir", v.backup_dir, "Folder that backups are written to")
        ->type_name("DIR");
    verb.add_option("--listen", v.listen, "Loopback address and port")
        ->capture_default_str()
        ->type_name("HOST:PORT");
    verb.add_option("--provider", v.provider, "Model provider that tasks use unless they name one")
        ->type_name("NAME");
    add_duration(verb, "--offline-latency", v.offline_latency,
                 "How long each answer of the offline provider takes");
    verb.add_option("--threads", v.threads, "Engine threads (0: one per core)")
        ->check(CLI::Range(0U, 256U))
        ->type_name("N");
    add_duration(verb, "--stuck-after", v.stuck_after,
                 "Park a workflow whose code runs so long without waiting, by a restart")
        ->default_str("10s");
    add_duration(verb, "--timers-late-max", v.timers_late_max,
                 "How late timers may be so that callers need not wait (0s: not at all)")
        ->default_str("2m");
    add_duration(verb, "--retention", v.retention,
                 "Delete runs so long after their end (default: keep them)");
    verb.add_flag("--private-callbacks", v.private_callbacks,
                  "Callbacks may go to private and loopback addresses too");
    verb.add_flag("--bench", v.bench, "Also serve the workflow types of tools/bench");
    add_choice<LogLevel>(verb, "--log-level", v.log_level, "Least level that is logged",
                         {{"debug", LogLevel::debug},
                          {"info", LogLevel::info},
                          {"warning", LogLevel::warning},
                          {"error", LogLevel::error},
                          {"off", LogLevel::off}})
        ->type_name("debug|info|warning|error|off");
    add_choice<LogFormat>(verb, "--log-format", v.log_format, "How log lines look",
                          {{"text", LogFormat::text}, {"json", LogFormat::json}})
        ->type_name("text|json");
  }

  void add_task_verbs() {
    auto [add_verb, a] = add<AddTask>(app_, "add", "Hand in a task");
    add_verb.add_option("text", a.text, "What is to be done; the first line is the title");
    add_verb.add_option("--title", a.title, "Title, instead of the first line");
    add_verb.add_option("--file", a.file, "Text to append (- is standard input)")
        ->type_name("FILE");
    add_verb.add_option("--priority", a.priority, "Which tasks come first")
        ->check(one_of({"high", "normal", "low"}))
        ->type_name("high|normal|low");
    add_verb.add_option("--domain", a.domain, "Field of the task, as context");
    add_verb
        .add_option("--review-policy", a.review_policy, "When a part is not accepted in the end")
        ->check(one_of({"partial", "fail", "escalate"}))
        ->type_name("partial|fail|escalate");
    add_verb.add_option("--provider", a.provider, "Model provider of this task")->type_name("NAME");
    add_key(add_verb, a.idempotency_key);
    add_wait(add_verb);
    add_verb.add_flag("--watch", a.watch, "Follow it live, then print the result");

    auto [cancel_verb, c] = add<CancelTask>(app_, "cancel", "Cancel a task");
    add_id(cancel_verb, c.id);
    cancel_verb.add_option("--reason", c.reason, "Why; it is kept in the history");

    auto [approve_verb, p] =
        add<ApproveTask>(app_, "approve", "Decide for a task that waits for a person");
    add_id(approve_verb, p.id);
    approve_verb.add_option("--decision", p.decision, "What to do with the rejected parts")
        ->required()
        ->check(one_of({"accept", "retry", "reject"}))
        ->type_name("accept|retry|reject");
    approve_verb.add_option("--comment", p.comment, "For the record");
  }

  void add_task_reads() {
    auto [status_verb, s] = add<ShowStatus>(app_, "status", "State of the server, or of one task");
    status_verb.add_option("id", s.id, "Task id")->type_name("ID");

    auto [list_verb, l] = add<ListTasks>(app_, "tasks", "List tasks, newest first");
    list_verb.add_option("--status", l.status, "Only tasks with this status")
        ->check(one_of({"pending", "in_progress", "paused", "waiting_for_human", "completed",
                        "failed", "cancelled"}))
        ->type_name("STATUS");
    list_verb.add_option("--limit", l.limit, "Tasks on a page")
        ->check(CLI::Range(1U, 100U))
        ->capture_default_str()
        ->type_name("N");
    list_verb.add_option("--page", l.page, "Which page")->check(CLI::Range(1U, 1'000'000U));

    auto [show_verb, w] = add<ShowTask>(app_, "show", "A task with its stages and subtasks");
    add_id(show_verb, w.id);
    auto [result_verb, r] = add<ShowTaskResult>(app_, "result", "The answer of a finished task");
    add_id(result_verb, r.id);
    add_wait(result_verb);
    auto [watch_verb, f] = add<WatchTask>(app_, "watch", "Follow a task live until it ends");
    add_id(watch_verb, f.id);
  }

  void add_workflow_writes(CLI::App& workflow) {
    auto [start_verb, s] = add<StartWorkflow>(workflow, "start", "Start a workflow");
    start_verb.add_option("type", s.type, "Workflow type")->required()->type_name("TYPE");
    start_verb.add_option("--id", s.id, "Workflow id (default: the server makes one)");
    add_input(start_verb, s.input, "The workflow's input");
    start_verb
        .add_option("--attribute", s.attributes,
                    "What lists show and find it by: a number, true, false, or else a text")
        ->check(is_attribute)
        ->type_name("NAME=VALUE");
    start_verb.add_option("--memo", s.memo, "A note that is shown with it")->type_name("JSON");
    start_verb.add_option("--callback", s.callback_url, "Is told how it ended, by a POST")
        ->type_name("URL");
    add_key(start_verb, s.idempotency_key);
    start_verb.add_option("--id-reuse", s.id_reuse, "When a closed run has the id")
        ->check(one_of({"allow", "reject", "allow_if_unsuccessful"}))
        ->type_name("allow|reject|allow_if_unsuccessful");
    start_verb.add_option("--id-conflict", s.id_conflict, "When an open run has the id")
        ->check(one_of({"fail", "use_existing", "terminate_existing"}))
        ->type_name("fail|use_existing|terminate_existing");
    start_verb.add_option("--priority", s.priority, "Of its activities, where they wait in queues")
        ->check(one_of({"high", "normal", "low"}))
        ->type_name("high|normal|low");
    start_verb
        .add_option("--fairness-key", s.fairness_key, "Whose turn its activities take in queues")
        ->type_name("KEY");
    start_verb.add_option("--fairness-weight", s.fairness_weight, "How many turns the key has")
        ->check(CLI::Range(1U, 1000U))
        ->type_name("N");
    add_duration(start_verb, "--start-delay", s.start_delay, "Its code runs no earlier");
    add_duration(start_verb, "--run-timeout", s.run_timeout, "Ends a run that takes longer");
    add_duration(start_verb, "--execution-timeout", s.execution_timeout,
                 "The same for all runs that continue it");
    add_wait(start_verb);

    auto [signal_verb, g] = add<SignalWorkflow>(workflow, "signal", "Send a signal to a workflow");
    add_id(signal_verb, g.id, "Workflow id");
    signal_verb.add_option("name", g.name, "Signal name")->required()->type_name("NAME");
    add_input(signal_verb, g.input, "The signal's payload");
    add_key(signal_verb, g.idempotency_key);

    auto [update_verb, u] =
        add<UpdateWorkflow>(workflow, "update", "Send an update, and get its answer");
    add_id(update_verb, u.id, "Workflow id");
    update_verb.add_option("name", u.name, "Update name")->required()->type_name("NAME");
    add_input(update_verb, u.input, "The update's input");
    add_key(update_verb, u.idempotency_key);
    add_wait(update_verb);

    add_control(workflow, "terminate", "End a workflow at once, without asking it");
    add_control(workflow, "pause", "Let a workflow's code rest; what comes in waits");
    add_control(workflow, "unpause", "Let it go on");

    auto [cancel_verb, c] = add<CancelWorkflow>(workflow, "cancel", "Ask a workflow to end");
    add_id(cancel_verb, c.id, "Workflow id");
    cancel_verb.add_option("--reason", c.reason, "Why; it is kept in the history");
  }

  void add_workflow_reads(CLI::App& workflow) {
    auto [list_verb, l] = add<ListWorkflows>(workflow, "list", "List workflows");
    list_verb.add_option("--type", l.type, "Only workflows of this type");
    list_verb.add_flag("--parked", l.parked, "Those whose code does not run, and why");
    list_verb
        .add_option("--query", l.query,
                    "Only those it holds for, like: status = running and customer = \"acme\"")
        ->type_name("QUERY");
    list_verb.add_option("--limit", l.limit, "How many")
        ->check(CLI::Range(1U, 100U))
        ->capture_default_str();

    auto [describe_verb, d] = add<DescribeWorkflow>(workflow, "describe", "State and open work");
    add_id(describe_verb, d.id, "Workflow id");

    auto [history_verb, h] = add<ShowHistory>(workflow, "history", "The events of a workflow");
    add_id(history_verb, h.id, "Workflow id");
    history_verb.add_option("--after", h.after, "Only events behind this sequence")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{INT64_MAX}))
        ->type_name("N");
    history_verb.add_flag("--follow", h.follow, "Stay, and print events as they happen");

    auto [query_verb, q] = add<QueryWorkflow>(workflow, "query", "Ask a workflow about its state");
    add_id(query_verb, q.id, "Workflow id");
    query_verb.add_option("name", q.name, "Query name")->required()->type_name("NAME");
    add_input(query_verb, q.input, "The query's arguments");

    auto [result_verb, r] = add<ShowWorkflowResult>(workflow, "result", "How a workflow ended");
    add_id(result_verb, r.id, "Workflow id");
    add_wait(result_verb);
  }

  void add_workflow_repairs(CLI::App& workflow) {
    auto [reset_verb, s] = add<ResetWorkflow>(
        workflow, "reset", "Let a copy go on from an earlier point, in its place");
    add_id(reset_verb, s.id, "Workflow id");
    auto* const event =
        reset_verb.add_option("--event", s.event, "What happened from this event on is done anew")
            ->type_name("N");
    reset_verb.add_option("--stage", s.stage, "The same from a stage on; NAME#2: its second visit")
        ->type_name("NAME")
        ->excludes(event);
    reset_verb.add_option("--run", s.run, "Of this run (default: the latest)")->type_name("RUN");
    reset_verb.add_option("--reason", s.reason, "Why; it is kept in the history");
    reset_verb.add_flag("--drop-signals", s.drop_signals,
                        "Signals behind that point do not come again");
    auto [delete_verb, d] = add<DeleteWorkflow>(workflow, "delete", "Remove a closed workflow");
    add_id(delete_verb, d.id, "Workflow id");
    delete_verb.add_option("--run", d.run, "Only this run of it")->type_name("RUN");
  }

  static void add_overlap(CLI::App& verb, std::string& overlap) {
    verb.add_option("--overlap", overlap, "When the run of the start before is still open")
        ->check(one_of(
            {"skip", "buffer_one", "buffer_all", "cancel_other", "terminate_other", "allow_all"}))
        ->type_name("skip|buffer_one|buffer_all|cancel_other|terminate_other|allow_all");
  }
  static void add_time(CLI::App& verb, const char* name, std::string& value, const char* what) {
    verb.add_option(name, value, what)
        ->check([](const std::string& text) {
          return parse_rfc3339(text) ? std::string()
                                     : "\"" + text + "\" is not a time like 2026-11-21T12:00:00Z";
        })
        ->type_name("TIME");
  }

  void add_schedule_creation(CLI::App& schedule) {
    auto [verb, s] = add<CreateSchedule>(schedule, "create", "Make a schedule");
    add_id(verb, s.id, "Schedule id");
    verb.add_option("type", s.type, "Workflow type that it starts")->required()->type_name("TYPE");
    add_input(verb, s.input, "The input of each workflow that it starts");
    auto* const cron =
        verb.add_option("--cron", s.cron, "Five fields, or @hourly, @daily, …; in UTC");
    auto* const every = verb.add_option("--every", s.every, "A fixed interval instead, like 15m");
    every->check(complain_about_duration)->type_name("DURATION")->excludes(cron);
    add_duration(verb, "--offset", s.offset, "From the multiples of --every");
    add_time(verb, "--start-at", s.start_at, "No fire time before");
    add_time(verb, "--end-at", s.end_at, "No fire time behind");
    verb.add_option("--remaining-actions", s.remaining_actions, "So many scheduled starts")
        ->check(CLI::Range(1U, 1'000'000'000U))
        ->type_name("N");
    add_overlap(verb, s.overlap);
    add_duration(verb, "--catchup-window", s.catchup_window,
                 "How late a fire time may be made up for (default 1h)");
    add_duration(verb, "--jitter", s.jitter, "Delays each start by chance, up to this");
    add_duration(verb, "--run-timeout", s.run_timeout, "Ends a started run that takes longer");
    add_duration(verb, "--execution-timeout", s.execution_timeout,
                 "The same for all runs that continue it");
    verb.add_flag("--paused", s.paused, "It begins paused");
    verb.add_option("--note", s.note, "For people");
    add_key(verb, s.idempotency_key);
  }

  void add_schedule_pause(CLI::App& schedule, const char* control, const char* what) {
    auto [verb, p] = add<PauseSchedule>(schedule, control, what);
    p.control = control;
    add_id(verb, p.id, "Schedule id");
    verb.add_option("--note", p.note, "Why");
  }

  void add_schedule_verbs(CLI::App& schedule) {
    auto [list_verb, l] = add<ListSchedules>(schedule, "list", "List schedules by id");
    list_verb.add_option("--after", l.after, "Only ids behind this one")->type_name("ID");
    list_verb.add_option("--limit", l.limit, "How many")
        ->check(CLI::Range(1U, 100U))
        ->capture_default_str();
    auto [show_verb, w] = add<ShowSchedule>(schedule, "show", "One schedule: next and last starts");
    add_id(show_verb, w.id, "Schedule id");
    add_schedule_pause(schedule, "pause", "Let fire times pass without a start");
    add_schedule_pause(schedule, "unpause", "Go on with the next fire time");

    auto [trigger_verb, t] = add<TriggerSchedule>(schedule, "trigger", "Start its workflow now");
    add_id(trigger_verb, t.id, "Schedule id");
    add_overlap(trigger_verb, t.overlap);
    add_key(trigger_verb, t.idempotency_key);

    auto [backfill_verb, b] =
        add<BackfillSchedule>(schedule, "backfill", "Start what a time in the past would have");
    add_id(backfill_verb, b.id, "Schedule id");
    add_time(backfill_verb, "--from", b.from, "The first fire time");
    add_time(backfill_verb, "--to", b.to, "The last fire time");
    for (const char* name : {"--from", "--to"}) backfill_verb.get_option(name)->required();
    backfill_verb.add_option("--overlap", b.overlap, "One after the other, or all at once")
        ->check(one_of({"buffer_all", "allow_all"}))
        ->type_name("buffer_all|allow_all");
    add_key(backfill_verb, b.idempotency_key);

    auto [delete_verb, d] = add<DeleteSchedule>(schedule, "delete", "End a schedule");
    add_id(delete_verb, d.id, "Schedule id");
  }

  void add_queue_verbs(CLI::App& queue) {
    auto [show_verb, s] = add<ShowQueue>(queue, "show", "What waits, what is out, and its limits");
    show_verb.add_option("name", s.name, "Queue")->required()->type_name("QUEUE");
    auto [limit_verb, l] = add<LimitQueue>(
        queue, "limit", "Set its limits; what is not given is not limited any more");
    limit_verb.add_option("name", l.name, "Queue")->required()->type_name("QUEUE");
    auto* const at_once =
        limit_verb.add_option("--concurrency", l.concurrency_max, "So many attempts at once");
    at_once->check(CLI::Range(1U, 1'000'000U))->type_name("N");
    auto* const rate =
        limit_verb.add_option("--rate", l.rate, "So many begin in any such time, like 10/1s");
    rate->check(complain_about_rate)->type_name("N/DURATION");
    auto* const none = limit_verb.add_flag("--none", l.none, "No limits");
    none->excludes(at_once)->excludes(rate);
  }

  void add_backup_verbs(CLI::App& backup) {
    auto [create_verb, c] =
        add<CreateBackup>(backup, "create", "Make a backup while the server serves");
    create_verb.add_option("name", c.name, "Its name (default: the server makes one of the time)")
        ->type_name("NAME");
    create_verb.add_option("--keep", c.keep, "Then remove all but the newest N of this store")
        ->check(CLI::Range(1U, 10'000U))
        ->type_name("N");
    add_wait(create_verb);
    add<ListBackups>(backup, "list", "Backups, oldest first");
    auto [show_verb, s] = add<ShowBackup>(backup, "show", "One backup");
    show_verb.add_option("name", s.name, "Backup name")->required()->type_name("NAME");
  }

  CLI::App app_;
  CommandLine line_;
  std::string output_ = "text";
  std::string wait_;  // of the one verb that is parsed; empty: not given
};

}  // namespace

std::expected<CommandLine, ExitCode> read_command_line(std::vector<std::string> arguments) {
  return Grammar().read(std::move(arguments));
}

}  // namespace reprise::cli
