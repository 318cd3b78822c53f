// Backups over HTTP. There is no path in any request: only names within the folder of --backup-dir.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/json_output.hpp"
#include "api/query_input.hpp"
#include "api/routes/routes.hpp"
#include "engine/runtime/backups.hpp"

namespace reprise::api {
namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::uint32_t kKeepMax = 10'000;
constexpr Duration kLookEvery = std::chrono::milliseconds(50);

void append_backup(std::string& out, const BackupInfo& backup) {
  ObjectWriter json(out);
  json.text("name", backup.name).text("status", to_string(backup.state));
  json.time("created_at", backup.created_at);
  if (backup.state == BackupState::complete)
    json.text("store_id", backup.store)
        .number("group", backup.group.value())
        .number("files", backup.files)
        .number("bytes", backup.bytes);
  if (backup.state == BackupState::failed) json.text("reason", backup.reason);
  json.close();
}

HttpResponse answer_with(const BackupInfo& backup, int status_when_done) {
  const bool is_running = backup.state == BackupState::running;
  HttpResponse response{.status = is_running ? 202 : status_when_done};
  append_backup(response.body, backup);
  return response;
}

Result<Backups*> backups_of(const ApiContext& api) {
  if (api.options->backups != nullptr) return api.options->backups;
  return fail(Errc::conflict, "this server has no folder for backups: start it with --backup-dir");
}

// As it is once it has ended, or when the time is over.
boost::asio::awaitable<BackupInfo> await_end(Backups& backups, BackupInfo backup, Duration wait) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  for (; backup.state == BackupState::running && wait > Duration(0); wait -= kLookEvery) {
    timer.expires_after(std::min(wait, kLookEvery));
    const auto [stopped] =
        co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (stopped) break;
    if (const auto found = backups.find(backup.name)) backup = *found;
  }
  co_return backup;
}

}  // namespace

RouteAnswer create_backup(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader query(*call.request, errors);
  const Duration wait = query.duration("wait", api.options->wait_max).value_or(Duration(0));
  query.finish();
  std::string name;
  std::uint32_t keep = 0;
  if (!call.request->body().empty()) {
    if (const auto body = read_object(call.request->body(), errors)) {
      ObjectReader read(*body, errors);
      read("name", name, Text{.max = kNameMax});
      read("keep", keep, Whole{.min = 1, .max = kKeepMax});
      read.finish();
    }
  }
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<Backups*> backups = backups_of(api);
  if (!backups) co_return problem(backups.error(), call.path());
  const Result<BackupInfo> started = (*backups)->start(
      std::move(name), keep > 0 ? std::optional<std::size_t>(keep) : std::nullopt);
  if (!started) co_return problem(started.error(), call.path());
  const BackupInfo backup = co_await await_end(**backups, *started, wait);
  if (backup.state == BackupState::failed)
    co_return problem_of_status(500, "the backup failed: " + backup.reason, call.path());
  HttpResponse response = answer_with(backup, 201);
  response.headers.push_back({.name = "Location", .value = "/api/v1/admin/backups/" + backup.name});
  co_return response;
}

RouteAnswer list_backups(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<Backups*> backups = backups_of(api);
  if (!backups) co_return problem(backups.error(), call.path());
  const Result<std::vector<BackupInfo>> all = (*backups)->all();
  if (!all) co_return problem(all.error(), call.path());
  HttpResponse response;
  ObjectWriter json(response.body);
  std::string& list = json.begin("backups");
  list += '[';
  for (const BackupInfo& backup : *all) {
    if (list.back() != '[') list += ',';
    append_backup(list, backup);
  }
  list += ']';
  json.close();
  co_return response;
}

RouteAnswer show_backup(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader query(*call.request, errors);
  const Duration wait = query.duration("wait", api.options->wait_max).value_or(Duration(0));
  query.finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<Backups*> backups = backups_of(api);
  if (!backups) co_return problem(backups.error(), call.path());
  const std::string name(call.values[0]);
  const std::optional<BackupInfo> found = (*backups)->find(name);
  if (!found)
    co_return problem(
        {.code = Errc::not_found, .detail = "there is no such backup", .field = "name"},
        call.path());
  co_return answer_with(co_await await_end(**backups, *found, wait), 200);
}

}  // namespace reprise::api
