#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "tools/reprise/event_feed.hpp"
#include "tools/reprise/history_event.hpp"
#include "tools/reprise/json_read.hpp"
#include "tools/reprise/verbs.hpp"
#include "tools/reprise/workflow_text.hpp"

namespace reprise::cli {
namespace {

ExitCode show_outcome(const Client& client, const HttpResponse& response) {
  if (response.status == 202) {
    client.print(response.body, "still running\n");
    return ExitCode::still_running;
  }
  client.print(response.body, workflow_result_text(response.body, client.screen().style));
  return exit_code_of_status(field_of(response.body, "status"));
}

// Prints events as lines; used page by page and live.
class HistoryPrinter final : public FeedListener {
 public:
  explicit HistoryPrinter(const Client& client) : client_(client) {}

  void print(const HistoryEvent& event) {
    if (began_ == UtcTime()) began_ = event.time;
    client_.screen().out << event_line(event, began_, client_.screen().style);
  }

  bool on_event(const StreamMessage& message) override {
    const auto event = read_event(message.data);
    if (!event) return true;
    if (client_.screen().json)
      client_.screen().out << message.data << '\n';
    else
      print(*event);
    client_.screen().out.flush();
    return !event->is_last();
  }
  void on_lost(const HttpFailure& failure, Duration patience) override {
    client_.screen().err << fmt::format("the server is gone ({}); trying again for {}\n",
                                        failure.detail, human_duration(patience));
  }
  void on_back() override { client_.screen().err << "the server is back\n"; }

 private:
  const Client& client_;
  UtcTime began_;
};

ExitCode follow_history(const Client& client, const ShowHistory& verb) {
  boost::asio::io_context io(1);
  FeedOptions options{.server = client.server(), .workflow = verb.id};
  if (verb.after > 0) options.after = std::to_string(verb.after);
  auto outcome = boost::asio::co_spawn(
      io, follow(std::move(options), std::make_shared<HistoryPrinter>(client)),
      boost::asio::use_future);
  io.run();
  const HttpOutcome end = outcome.get();
  if (!end) return client.tell(end.error());
  return end->ok() ? ExitCode::ok : client.tell_refusal(*end);
}

template <typename Verb>
ExitCode show_fields(const Client& client, const Verb& verb) {
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  client.print(response->body, fields_text(response->body, client.screen().style));
  return ExitCode::ok;
}

}  // namespace

ExitCode run(const Client& client, const StartWorkflow& verb) {
  const auto started = client.ask(request_of(verb));
  if (!started) return started.error();
  const TextStyle& style = client.screen().style;
  if (!verb.wait) {
    client.print(started->body, started_workflow_text(started->body, style));
    return ExitCode::ok;
  }
  const auto response = await_result(client, {.request = workflow_result_request,
                                              .id = field_of(started->body, "workflow_id"),
                                              .limit = verb.wait,
                                              .server_answered = true});
  return response ? show_outcome(client, *response) : response.error();
}

ExitCode run(const Client& client, const ListWorkflows& verb) {
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  const auto text = verb.parked ? parked_list_text : workflow_list_text;
  client.print(response->body, text(response->body, client.screen().style));
  return ExitCode::ok;
}

ExitCode run(const Client& client, const DescribeWorkflow& verb) {
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  client.print(response->body, workflow_text(response->body, client.screen().style));
  return ExitCode::ok;
}

ExitCode run(const Client& client, const ShowHistory& verb) {
  if (verb.follow) return follow_history(client, verb);
  HistoryPrinter printer(client);
  ShowHistory page = verb;
  while (true) {
    const auto response = client.ask(request_of(page));
    if (!response) return response.error();
    const auto part = read_history(response->body);
    if (client.screen().json) client.print(response->body, "");
    if (!part || part->events.empty() || client.screen().json) return ExitCode::ok;
    for (const HistoryEvent& event : part->events) printer.print(event);
    page.after = part->events.back().sequence;
  }
}

ExitCode run(const Client& client, const SignalWorkflow& verb) { return show_fields(client, verb); }

ExitCode run(const Client& client, const QueryWorkflow& verb) { return show_fields(client, verb); }

ExitCode run(const Client& client, const CancelWorkflow& verb) { return show_fields(client, verb); }

ExitCode run(const Client& client, const UpdateWorkflow& verb) {
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  client.print(response->body, fields_text(response->body, client.screen().style));
  if (response->status == 202) return verb.wait ? ExitCode::still_running : ExitCode::ok;
  return field_of(response->body, "status") == "failed" ? ExitCode::failed : ExitCode::ok;
}

ExitCode run(const Client& client, const ControlWorkflow& verb) {
  return show_fields(client, verb);
}

ExitCode run(const Client& client, const ResetWorkflow& verb) { return show_fields(client, verb); }

// A call deletes so many runs at most; the next one goes on.
ExitCode run(const Client& client, const DeleteWorkflow& verb) {
  for (;;) {
    const auto response = client.ask(request_of(verb));
    if (!response) return response.error();
    if (response->status == 202) continue;
    client.print(response->body, fields_text(response->body, client.screen().style));
    return ExitCode::ok;
  }
}

ExitCode run(const Client& client, const ShowWorkflowResult& verb) {
  const auto response =
      await_result(client, {.request = workflow_result_request, .id = verb.id, .limit = verb.wait});
  return response ? show_outcome(client, *response) : response.error();
}

}  // namespace reprise::cli
