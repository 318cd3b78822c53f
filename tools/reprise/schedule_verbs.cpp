#include "tools/reprise/schedule_text.hpp"
#include "tools/reprise/verbs.hpp"
#include "tools/reprise/workflow_text.hpp"

namespace reprise::cli {
namespace {

using AsText = std::string (*)(std::string_view json, const TextStyle& style);

template <typename Verb>
ExitCode show(const Client& client, const Verb& verb, AsText as_text) {
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  client.print(response->body, as_text(response->body, client.screen().style));
  return ExitCode::ok;
}

}  // namespace

ExitCode run(const Client& client, const CreateSchedule& verb) {
  return show(client, verb, fields_text);
}
ExitCode run(const Client& client, const ListSchedules& verb) {
  return show(client, verb, schedule_list_text);
}
ExitCode run(const Client& client, const ShowSchedule& verb) {
  return show(client, verb, schedule_text);
}
ExitCode run(const Client& client, const PauseSchedule& verb) {
  return show(client, verb, fields_text);
}
ExitCode run(const Client& client, const TriggerSchedule& verb) {
  return show(client, verb, fields_text);
}
ExitCode run(const Client& client, const BackfillSchedule& verb) {
  return show(client, verb, fields_text);
}
ExitCode run(const Client& client, const DeleteSchedule& verb) {
  return show(client, verb, fields_text);
}

}  // namespace reprise::cli
