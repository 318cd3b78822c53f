#include "tools/reprise/backup_text.hpp"
#include "tools/reprise/json_read.hpp"
#include "tools/reprise/verbs.hpp"

namespace reprise::cli {
namespace {

ExitCode show(const Client& client, const HttpResponse& response, bool waited) {
  client.print(response.body, backup_text(response.body, client.screen().style));
  const std::string status = field_of(response.body, "status");
  if (status == "failed") return ExitCode::failed;
  return status == "running" && waited ? ExitCode::still_running : ExitCode::ok;
}

}  // namespace

ExitCode run(const Client& client, const CreateBackup& verb) {
  const auto started = client.ask(request_of(verb));
  if (!started) return started.error();
  if (!verb.wait) return show(client, *started, false);
  const auto response = await_result(client, {.request = backup_request,
                                              .id = field_of(started->body, "name"),
                                              .limit = verb.wait,
                                              .server_answered = true});
  return response ? show(client, *response, true) : response.error();
}

ExitCode run(const Client& client, const ListBackups& verb) {
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  client.print(response->body, backup_list_text(response->body, client.screen().style));
  return ExitCode::ok;
}

ExitCode run(const Client& client, const ShowBackup& verb) {
  const auto response = client.ask(request_of(verb));
  return response ? show(client, *response, false) : response.error();
}

}  // namespace reprise::cli
