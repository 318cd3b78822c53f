#include <fmt/format.h>

#include <charconv>

#include "api/query_input.hpp"
#include "api/routes/routes.hpp"
#include "api/routes/run_json.hpp"
#include "storage/schema.hpp"

namespace reprise::api {
namespace {

constexpr std::uint64_t kPageDefault = 20;
constexpr std::uint64_t kPageMax = 100;

// The cursor of a page, "SHARD.RUN", is the key of its last row in a form that a URL can hold.
std::string cursor_text(const ParkedRun& parked) {
  return fmt::format("{}.{}", read_big_endian(parked.cursor.substr(0, 2)), parked.run);
}

std::optional<std::string> cursor_key(std::string_view text) {
  std::uint16_t shard = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), shard);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with('.')) return std::nullopt;
  const auto run = parse_run_id(text.substr(1));
  if (!run) return std::nullopt;
  return parked_key(ShardIndex(shard), *run);
}

}  // namespace

RouteAnswer list_parked(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader query(*call.request, errors);
  const std::size_t limit =
      query.number("limit", {.min = 1, .max = kPageMax, .otherwise = kPageDefault});
  const auto after = query.text("after");
  const auto key = after ? cursor_key(*after) : std::string();
  if (!key) errors.add("query.after", "must be the `next` of the page before");
  query.finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const auto parked = co_await api.engine->parked(*key, limit);
  if (!parked) co_return problem(parked.error(), call.path());
  HttpResponse response{.body = R"({"parked":[)"};
  for (const ParkedRun& run : *parked) {
    if (&run != parked->data()) response.body += ',';
    ObjectWriter json(response.body);
    json.text("workflow_id", run.workflow.text()).text("run_id", to_string(run.run));
    append_parked(json.begin("reason"), run.reason);
    json.close();
  }
  response.body += "],\"next\":";
  if (parked->size() == limit)
    append_json_text(response.body, cursor_text(parked->back()));
  else
    response.body += "null";
  response.body += '}';
  co_return response;
}

}  // namespace reprise::api
