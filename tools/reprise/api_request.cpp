#include "tools/reprise/api_request.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "activities/contracts/utf8.hpp"
#include "tools/reprise/text.hpp"

namespace reprise::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kTitleColumnsMax = 80;
constexpr std::size_t kShownColumnsMax = 300;                  // of an input that is refused
constexpr Duration kUpdateWait = std::chrono::seconds(30);     // for an answer
constexpr Duration kUpdateWaitMax = std::chrono::seconds(60);  // the server's
constexpr std::size_t kFileBytesMax = 2U << 20U;               // a payload's limit

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

constexpr const char* kBackups = "/api/v1/admin/backups";

std::string workflow_path(std::string_view id, std::string_view rest = "") {
  return fmt::format("/api/v1/workflows/{}{}", encoded(id), rest);
}
// "/runs/RUN"; empty for the latest.
std::string run_path(std::string_view run) {
  return run.empty() ? std::string() : "/runs/" + encoded(run);
}
std::string task_path(std::string_view id, std::string_view rest = "") {
  return fmt::format("/api/v1/tasks/{}{}", encoded(id), rest);
}

std::string schedule_path(std::string_view id, std::string_view rest = "") {
  return fmt::format("/api/v1/schedules/{}{}", encoded(id), rest);
}

// Members that were given on the command line.
struct Member {
  std::string_view name;
  const std::string& value;
};
void add_given(ordered_json& object, std::initializer_list<Member> members) {
  for (const Member& member : members)
    if (!member.value.empty()) object[std::string(member.name)] = member.value;
}

// What the command line and file_contents() let pass is UTF-8: nothing is replaced.
std::string dumped(const ordered_json& body) {
  return body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string reason_body(const std::string& reason) {
  return reason.empty() ? std::string() : dumped({{"reason", reason}});
}

Result<std::string> file_contents(const std::string& name) {
  std::ifstream file;
  if (name != "-") {
    file.open(name, std::ios::binary);
    if (!file) return fail(Errc::io, name + ": " + std::strerror(errno), "--file");
  }
  std::istream& in = name == "-" ? std::cin : file;
  std::string text(kFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return fail(Errc::io, name + ": " + std::strerror(errno), "--file");
  if (text.size() > kFileBytesMax)
    return fail(Errc::too_large, name + " is over 2 MiB: send a part of it", "--file");
  if (!is_utf8(text)) return fail(Errc::invalid_argument, name + " is not UTF-8", "--file");
  return text;
}

// The user's JSON, checked here so that the complaint can point at the place; sent as it was typed.
Result<std::string> checked_input(const std::string& input, const std::string& option = "--input") {
  if (input.empty()) return std::string();
  try {
    static_cast<void>(ordered_json::parse(input));
  } catch (const ordered_json::parse_error& error) {
    return fail(
        Errc::invalid_argument,
        fmt::format("this is no JSON (byte {}): {}\na text needs quotes inside the shell's: "
                    "{} '\"hello\"'",
                    error.byte, cut(printable(input), kShownColumnsMax), option),
        option);
  } catch (const ordered_json::out_of_range&) {
    return fail(Errc::invalid_argument, "a number in it is out of range", option);
  }
  return input;
}

// A number, true or false; anything else is a text, with or without quotes.
ordered_json attribute_value(const std::string& text) {
  const ordered_json value = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_number() || value.is_boolean() || value.is_string() ? value : ordered_json(text);
}

std::string wait_query(Duration wait) {
  return fmt::format("?wait={}ms",
                     std::chrono::duration_cast<std::chrono::milliseconds>(wait).count());
}

}  // namespace

std::string title_of(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return cut(text, kTitleColumnsMax, "…");
}

Result<ApiRequest> request_of(const AddTask& verb) {
  std::string text = verb.text;
  if (!verb.file.empty()) {
    Result<std::string> contents = file_contents(verb.file);
    if (!contents) return std::unexpected(std::move(contents.error()));
    text += text.empty() ? "" : "\n\n";
    text += *contents;
  }
  const std::string title = verb.title.empty() ? title_of(text) : verb.title;
  if (title.empty())
    return fail(Errc::invalid_argument,
                "say what is to be done: reprise add \"…\", or --file FILE");
  ordered_json body{{"title", title}, {"description", text.empty() ? title : text}};
  if (!verb.priority.empty()) body["priority"] = verb.priority;
  if (!verb.domain.empty()) body["context"]["domain"] = verb.domain;
  if (!verb.review_policy.empty()) body["options"]["review_policy"] = verb.review_policy;
  if (!verb.provider.empty()) body["options"]["provider"] = verb.provider;
  return ApiRequest{.method = "POST",
                    .target = "/api/v1/tasks",
                    .body = dumped(body),
                    .idempotency_key = verb.idempotency_key};
}

ApiRequest request_of(const ShowStatus& verb) {
  return {.target = verb.id.empty() ? std::string("/api/v1/health") : task_path(verb.id)};
}

ApiRequest request_of(const ListTasks& verb) {
  std::string target = fmt::format("/api/v1/tasks?page={}&limit={}", verb.page, verb.limit);
  if (!verb.status.empty()) target += "&status=" + encoded(verb.status);
  return {.target = std::move(target)};
}

ApiRequest request_of(const ShowTask& verb) { return {.target = task_path(verb.id)}; }

ApiRequest request_of(const CancelTask& verb) {
  return {.method = "DELETE", .target = task_path(verb.id), .body = reason_body(verb.reason)};
}

ApiRequest request_of(const ApproveTask& verb) {
  ordered_json body{{"decision", verb.decision}};
  if (!verb.comment.empty()) body["comment"] = verb.comment;
  return {.method = "POST", .target = task_path(verb.id, "/approve"), .body = dumped(body)};
}

Result<ApiRequest> request_of(const StartWorkflow& verb) {
  Result<std::string> input = checked_input(verb.input);
  if (!input) return std::unexpected(std::move(input.error()));
  Result<std::string> memo = checked_input(verb.memo, "--memo");
  if (!memo) return std::unexpected(std::move(memo.error()));
  ordered_json fields{{"type", verb.type}};
  if (!verb.id.empty()) fields["id"] = verb.id;
  if (!verb.id_reuse.empty()) fields["id_reuse"] = verb.id_reuse;
  if (!verb.id_conflict.empty()) fields["id_conflict"] = verb.id_conflict;
  if (!verb.start_delay.empty()) fields["start_delay"] = verb.start_delay;
  if (!verb.run_timeout.empty()) fields["run_timeout"] = verb.run_timeout;
  if (!verb.execution_timeout.empty()) fields["execution_timeout"] = verb.execution_timeout;
  if (!verb.callback_url.empty()) fields["callback_url"] = verb.callback_url;
  if (!verb.priority.empty()) fields["priority"] = verb.priority;
  if (!verb.fairness_key.empty()) fields["fairness_key"] = verb.fairness_key;
  if (verb.fairness_weight > 0) fields["fairness_weight"] = verb.fairness_weight;
  for (const std::string& given : verb.attributes) {
    const std::size_t equals = given.find('=');
    fields["attributes"][given.substr(0, equals)] = attribute_value(given.substr(equals + 1));
  }
  std::string body = dumped(fields);
  // The engine keeps these bytes as they came, so they are not reformatted here either.
  if (!input->empty()) body.insert(body.size() - 1, ",\"input\":" + *input);
  if (!memo->empty()) body.insert(body.size() - 1, ",\"memo\":" + *memo);
  return ApiRequest{.method = "POST",
                    .target = "/api/v1/workflows",
                    .body = std::move(body),
                    .idempotency_key = verb.idempotency_key};
}

ApiRequest request_of(const ListWorkflows& verb) {
  if (verb.parked) return {.target = fmt::format("/api/v1/parked?limit={}", verb.limit)};
  std::string target = fmt::format("/api/v1/workflows?limit={}", verb.limit);
  if (!verb.type.empty()) target += "&type=" + encoded(verb.type);
  if (!verb.query.empty()) target += "&query=" + encoded(verb.query);
  return {.target = std::move(target)};
}

ApiRequest request_of(const DescribeWorkflow& verb) { return {.target = workflow_path(verb.id)}; }

ApiRequest request_of(const ShowHistory& verb) {
  return {.target =
              workflow_path(verb.id, fmt::format("/history?after={}&limit=1000", verb.after))};
}

Result<ApiRequest> request_of(const SignalWorkflow& verb) {
  Result<std::string> input = checked_input(verb.input);
  if (!input) return std::unexpected(std::move(input.error()));
  return ApiRequest{.method = "POST",
                    .target = workflow_path(verb.id, "/signal/" + encoded(verb.name)),
                    .body = std::move(*input),
                    .idempotency_key = verb.idempotency_key};
}

Result<ApiRequest> request_of(const QueryWorkflow& verb) {
  Result<std::string> input = checked_input(verb.input);
  if (!input) return std::unexpected(std::move(input.error()));
  return ApiRequest{.method = "POST",
                    .target = workflow_path(verb.id, "/query/" + encoded(verb.name)),
                    .body = std::move(*input)};
}

ApiRequest request_of(const CancelWorkflow& verb) {
  return {.method = "POST",
          .target = workflow_path(verb.id, "/cancel"),
          .body = reason_body(verb.reason)};
}

Result<ApiRequest> request_of(const UpdateWorkflow& verb) {
  Result<std::string> input = checked_input(verb.input);
  if (!input) return std::unexpected(std::move(input.error()));
  const Duration wait = std::min(verb.wait.value_or(kUpdateWait), kUpdateWaitMax);
  return ApiRequest{
      .method = "POST",
      .target = workflow_path(verb.id, "/update/" + encoded(verb.name)) + wait_query(wait),
      .body = std::move(*input),
      .idempotency_key = verb.idempotency_key,
      .answer_time = wait};
}

ApiRequest request_of(const ControlWorkflow& verb) {
  return {.method = "POST",
          .target = workflow_path(verb.id, "/" + verb.control),
          .body = reason_body(verb.reason)};
}

ApiRequest request_of(const ResetWorkflow& verb) {
  ordered_json body = ordered_json::object();
  if (verb.event != 0) body["event"] = verb.event;
  add_given(body, {{"stage", verb.stage}, {"reason", verb.reason}});
  if (verb.drop_signals) body["signals"] = "drop";
  return {.method = "POST",
          .target = workflow_path(verb.id, run_path(verb.run) + "/reset"),
          .body = body.dump()};
}

ApiRequest request_of(const DeleteWorkflow& verb) {
  return {.method = "DELETE", .target = workflow_path(verb.id, run_path(verb.run))};
}

Result<ApiRequest> request_of(const CreateSchedule& verb) {
  Result<std::string> input = checked_input(verb.input);
  if (!input) return std::unexpected(std::move(input.error()));
  ordered_json spec = ordered_json::object();
  add_given(spec, {{"cron", verb.cron}, {"start_at", verb.start_at}, {"end_at", verb.end_at}});
  ordered_json interval = ordered_json::object();
  add_given(interval, {{"every", verb.every}, {"offset", verb.offset}});
  if (!interval.empty()) spec["interval"] = std::move(interval);
  if (verb.remaining_actions > 0) spec["remaining_actions"] = verb.remaining_actions;
  ordered_json action{{"type", verb.type}};
  add_given(action,
            {{"run_timeout", verb.run_timeout}, {"execution_timeout", verb.execution_timeout}});
  // The engine keeps an input's bytes as they came, so they are not reformatted here either.
  std::string action_text = dumped(action);
  if (!input->empty()) action_text.insert(action_text.size() - 1, ",\"input\":" + *input);
  ordered_json rest{{"id", verb.id}, {"spec", std::move(spec)}};
  add_given(rest, {{"overlap", verb.overlap},
                   {"catchup_window", verb.catchup_window},
                   {"jitter", verb.jitter},
                   {"note", verb.note}});
  if (verb.paused) rest["paused"] = true;
  std::string body = dumped(rest);
  body.insert(body.size() - 1, ",\"action\":" + action_text);
  return ApiRequest{.method = "POST",
                    .target = "/api/v1/schedules",
                    .body = std::move(body),
                    .idempotency_key = verb.idempotency_key};
}

ApiRequest request_of(const ListSchedules& verb) {
  std::string target = fmt::format("/api/v1/schedules?limit={}", verb.limit);
  if (!verb.after.empty()) target += "&after=" + encoded(verb.after);
  return {.target = std::move(target)};
}

ApiRequest request_of(const ShowSchedule& verb) { return {.target = schedule_path(verb.id)}; }

ApiRequest request_of(const PauseSchedule& verb) {
  ordered_json body = ordered_json::object();
  add_given(body, {{"note", verb.note}});
  return {
      .method = "POST", .target = schedule_path(verb.id, "/" + verb.control), .body = dumped(body)};
}

ApiRequest request_of(const TriggerSchedule& verb) {
  ordered_json body = ordered_json::object();
  add_given(body, {{"overlap", verb.overlap}});
  return {.method = "POST",
          .target = schedule_path(verb.id, "/trigger"),
          .body = dumped(body),
          .idempotency_key = verb.idempotency_key};
}

ApiRequest request_of(const BackfillSchedule& verb) {
  ordered_json body = ordered_json::object();
  add_given(body, {{"from", verb.from}, {"to", verb.to}, {"overlap", verb.overlap}});
  return {.method = "POST",
          .target = schedule_path(verb.id, "/backfill"),
          .body = dumped(body),
          .idempotency_key = verb.idempotency_key};
}

ApiRequest request_of(const DeleteSchedule& verb) {
  return {.method = "DELETE", .target = schedule_path(verb.id)};
}

ApiRequest request_of(const ShowQueue& verb) {
  return {.target = "/api/v1/queues/" + encoded(verb.name)};
}

Result<ApiRequest> request_of(const LimitQueue& verb) {
  if (verb.concurrency_max == 0 && verb.rate.empty() && !verb.none)
    return fail(Errc::invalid_argument,
                "say what the limits are: --concurrency N, --rate N/DURATION, both, or --none");
  ordered_json body = ordered_json::object();
  if (verb.concurrency_max > 0) body["concurrency_max"] = verb.concurrency_max;
  if (const std::size_t slash = verb.rate.find('/'); slash != std::string::npos)
    body["rate"] = {{"count", std::stoul(verb.rate.substr(0, slash))},
                    {"per", verb.rate.substr(slash + 1)}};
  return ApiRequest{
      .method = "PUT", .target = "/api/v1/queues/" + encoded(verb.name), .body = dumped(body)};
}

ApiRequest task_result_request(std::string_view id, Duration wait) {
  std::string target = task_path(id, "/result");
  if (wait > Duration::zero()) target += wait_query(wait);
  return {.target = std::move(target), .answer_time = wait};
}

ApiRequest workflow_result_request(std::string_view id, Duration wait) {
  std::string target = workflow_path(id, "/result");
  if (wait > Duration::zero()) target += wait_query(wait);
  return {.target = std::move(target), .answer_time = wait};
}

ApiRequest request_of(const CreateBackup& verb) {
  ordered_json body = ordered_json::object();
  if (!verb.name.empty()) body["name"] = verb.name;
  if (verb.keep > 0) body["keep"] = verb.keep;
  return {.method = "POST", .target = kBackups, .body = dumped(body)};
}

ApiRequest request_of(const ListBackups&) { return {.target = kBackups}; }

ApiRequest request_of(const ShowBackup& verb) { return backup_request(verb.name, Duration(0)); }

ApiRequest backup_request(std::string_view name, Duration wait) {
  std::string target = std::string(kBackups) + "/" + encoded(name);
  if (wait > Duration::zero()) target += wait_query(wait);
  return {.target = std::move(target), .answer_time = wait};
}

ApiRequest events_request(std::string_view id) { return {.target = workflow_path(id, "/events")}; }

}  // namespace reprise::cli
