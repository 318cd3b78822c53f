#include "workflows/testing/shard_story.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace reprise::testing {

ShardStory::ShardStory(Catalog catalog, std::string_view begins_at) : shard_(std::move(catalog)) {
  shard_.utc = parse_rfc3339(begins_at).value();
}

void ShardStory::start(const std::string& type, const std::string& workflow,
                       const std::string& input) {
  StartInput start = shard_.start_input(type, workflow);
  start.request.input = Payload{input};
  const auto answer = shard_.start(std::move(start));
  CHECK(answer.has_value(), "{}", to_string(answer.error()));
}

void ShardStory::pass(Duration time) {
  const UtcTime until = shard_.utc + time;
  for (auto next = shard_.shard().next_utc(); next && *next <= until;
       next = shard_.shard().next_utc()) {
    shard_.advance(std::max(*next - shard_.utc, Duration(1)));
    shard_.step();
    shard_.settle();
  }
  if (until > shard_.utc) shard_.advance(until - shard_.utc);
  shard_.settle();
}

void ShardStory::crash_for(Duration time) {
  shard_.lose_memory();
  shard_.advance(time);
  shard_.settle();
}

void ShardStory::signal(const std::string& workflow, const std::string& name) {
  CHECK(shard_.signal(workflow, name).has_value(), "{} takes no signal", workflow);
}

std::string ShardStory::update(const std::string& workflow, const std::string& name,
                               const std::string& input) {
  const auto answer = shard_.update(workflow, "u" + std::to_string(++updates_), name, input);
  if (!answer) return to_string(answer.error());
  for (const Event& event : shard_.events(answer->run))
    if (const auto* completed = std::get_if<UpdateCompleted>(&event.body);
        completed != nullptr && completed->update == answer->accepted)
      return completed->error_type.empty() ? completed->result.bytes
                                           : completed->error_type + ": " + completed->message;
  return "accepted";
}

void ShardStory::cancel(const std::string& workflow) {
  CHECK(shard_.cancel(workflow).has_value(), "{} cannot be cancelled", workflow);
}

void ShardStory::terminate(const std::string& workflow) {
  CHECK(shard_.control(workflow, Control::terminate).has_value(), "{} cannot be terminated",
        workflow);
}

std::string ShardStory::query(const std::string& workflow, const std::string& name,
                              const std::string& arguments) {
  const auto answer = shard_.query(workflow, name, arguments);
  return answer ? answer->bytes : to_string(answer.error());
}

std::vector<RunId> ShardStory::chain(const std::string& workflow) {
  const auto row = shard_.log().get(Table::workflow, workflow);
  std::vector<RunId> runs;
  if (!row || !*row) return runs;
  for (RunId run = decode_workflow_row(**row)->run; !run.empty();) {
    runs.insert(runs.begin(), run);
    run = std::get<RunStarted>(shard_.events(run).front().body).continued_from;
  }
  return runs;
}

std::string ShardStory::status(const std::string& workflow) {
  const std::vector<RunId> runs = chain(workflow);
  if (runs.empty()) return "none";
  const Event last = shard_.events(runs.back()).back();
  return std::string(
      to_string(is_terminal(last.body) ? status_after(last.body) : RunStatus::running));
}

std::vector<std::string> ShardStory::children(const std::string& workflow) {
  std::vector<std::string> children;
  for (const RunId& run : chain(workflow))
    for (const Event& event : shard_.events(run))
      if (const auto* child = std::get_if<ChildScheduled>(&event.body))
        children.push_back(child->workflow.text());
  return children;
}

std::size_t ShardStory::runs(const std::string& workflow) { return chain(workflow).size(); }

std::vector<Event> ShardStory::events(const std::string& workflow) {
  return shard_.events(chain(workflow).back());
}

std::string ShardStory::view(const std::string& workflow) {
  return shard_.describe(workflow).value().view.custom;
}

}  // namespace reprise::testing
