#include <fmt/format.h>

#include "tools/reprise/history_event.hpp"
#include "tools/reprise/json_read.hpp"
#include "tools/reprise/task_text.hpp"
#include "tools/reprise/verbs.hpp"
#include "tools/reprise/workflow_text.hpp"

namespace reprise::cli {
namespace {

// What its history tells about the stages; empty when it cannot be read, which is no reason not to
// show the task.
Timeline timeline_of(const Client& client, const std::string& id) {
  Timeline timeline;
  ShowHistory page{.id = id};
  while (true) {
    const HttpOutcome outcome = client.send(request_of(page));
    const auto part = outcome && outcome->ok() ? read_history(outcome->body) : std::nullopt;
    if (!part || part->events.empty()) return timeline;
    for (const HistoryEvent& event : part->events) timeline.apply(event);
    page.after = part->events.back().sequence;
  }
}

// A result document, and how the process ends because of it.
ExitCode show_answer(const Client& client, const HttpResponse& response) {
  const TextStyle& style = client.screen().style;
  if (response.status == 202) {
    client.print(response.body, "still running\n");
    return ExitCode::still_running;
  }
  client.print(response.body, task_result_text(response.body, style));
  if (!client.screen().json) {
    const std::string id = field_of(response.body, "task_id");
    client.print("", "\n" + style.paint(Tone::bold, "Timeline") + "\n" +
                         timeline_of(client, id).text(style, "  "));
  }
  return exit_code_of_status(field_of(response.body, "status"));
}

// A server that is not well says so with 503, in the document that it gives when it is.
ExitCode show_server(const Client& client) {
  const HttpOutcome outcome = client.send(request_of(ShowStatus{}));
  if (!outcome) return client.tell(outcome.error());
  if (field_of(outcome->body, "disk_level").empty()) return client.tell_refusal(*outcome);
  client.print(outcome->body,
               server_text(outcome->body, to_string(client.server()), client.screen().style));
  return outcome->ok() ? ExitCode::ok : ExitCode::refused;
}

}  // namespace

ExitCode run(const Client& client, const AddTask& verb) {
  const auto created = client.ask(request_of(verb));
  if (!created) return created.error();
  const std::string id = field_of(created->body, "task_id");
  const TextStyle& style = client.screen().style;
  if (verb.watch) {
    client.print(created->body, style.paint(Tone::bold, id) + "\n");
    return run(client, WatchTask{.id = id});
  }
  if (!verb.wait) {
    client.print(created->body, created_task_text(created->body, style));
    return ExitCode::ok;
  }
  if (!client.screen().json) client.print("", style.paint(Tone::bold, id) + "\n");
  const auto response = await_result(
      client,
      {.request = task_result_request, .id = id, .limit = verb.wait, .server_answered = true});
  return response ? show_answer(client, *response) : response.error();
}

ExitCode run(const Client& client, const ShowStatus& verb) {
  if (verb.id.empty()) return show_server(client);
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  const TextStyle& style = client.screen().style;
  const auto task = read_task(response->body);
  client.print(response->body,
               task ? task_status_text(*task, style) : fields_text(response->body, style));
  return ExitCode::ok;
}

ExitCode run(const Client& client, const ListTasks& verb) {
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  client.print(response->body, task_list_text(response->body, client.screen().style));
  return ExitCode::ok;
}

ExitCode run(const Client& client, const ShowTask& verb) {
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  const TextStyle& style = client.screen().style;
  const auto task = read_task(response->body);
  if (client.screen().json || !task)
    client.print(response->body, fields_text(response->body, style));
  else
    client.print("", task_text(*task, timeline_of(client, verb.id), style));
  return ExitCode::ok;
}

ExitCode run(const Client& client, const ShowTaskResult& verb) {
  const auto response =
      await_result(client, {.request = task_result_request, .id = verb.id, .limit = verb.wait});
  return response ? show_answer(client, *response) : response.error();
}

ExitCode run(const Client& client, const CancelTask& verb) {
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  client.print(response->body,
               fmt::format("{}: {}\n", verb.id, field_of(response->body, "message")));
  return ExitCode::ok;
}

ExitCode run(const Client& client, const ApproveTask& verb) {
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  client.print(response->body, fmt::format("{}: {}\n", verb.id, verb.decision));
  return ExitCode::ok;
}

}  // namespace reprise::cli
