#include <fmt/format.h>

#include <charconv>

#include "api/event_json.hpp"
#include "api/query_input.hpp"
#include "api/routes/call_input.hpp"
#include "api/routes/routes.hpp"
#include "api/routes/run_json.hpp"

namespace reprise::api {
namespace {

namespace asio = boost::asio;

constexpr std::uint64_t kEventsDefault = 100;
constexpr std::uint64_t kEventsMax = 1000;
constexpr std::size_t kEventsOfStream = 200;  // read at once
constexpr std::size_t kStreamPieceBytes = 64U << 10U;

std::string to_json(const HistoryPage& page) {
  std::string out;
  ObjectWriter json(out);
  json.text("run_id", to_string(page.run));
  json.begin("events") += '[';
  for (std::size_t i = 0; i < page.events.size(); ++i) {
    if (i > 0) out += ',';
    append_event(out, page.events[i]);
  }
  out += ']';
  json.number("next", page.next.value()).boolean("closed", page.closed);
  json.close();
  return out;
}

// One message of server-sent events. The data is one line.
void append_message(std::string& out, const Event& event) {
  const bool is_known = !std::holds_alternative<UnknownEvent>(event.body);
  fmt::format_to(std::back_inserter(out), "id: {}\nevent: {}\ndata: ", event.sequence,
                 is_known ? to_string(kind_of(event.body)) : "unknown");
  append_event(out, event);
  out += "\n\n";
}

// What one stream goes through: from `after` to the end of the run.
struct Following {
  ApiContext api;
  DescribeRequest run;
  HistoryPage page;
};

// False: the client is gone.
asio::awaitable<bool> send_page(EventStreamPtr stream, std::vector<Event> events) {
  std::string piece;
  for (const Event& event : events) {
    append_message(piece, event);
    if (piece.size() < kStreamPieceBytes) continue;
    if (!co_await stream->send(std::move(piece))) co_return false;
    piece.clear();
  }
  co_return co_await stream->send(std::move(piece));
}

asio::awaitable<void> follow(Following following, EventStreamPtr stream) {
  for (;;) {
    HistoryPage& page = following.page;
    const bool is_quiet = page.events.empty();
    if (!co_await send_page(stream, std::move(page.events))) co_return;
    if (page.closed) {
      co_await stream->send("event: end\ndata: {}\n\n");
      co_return;
    }
    if (is_quiet && !co_await stream->send(": still here\n\n")) co_return;
    Result<HistoryPage> next = co_await following.api.engine->history(
        following.run, page.next, kEventsOfStream, following.api.options->heartbeat);
    if (!next) {
      const HttpResponse refusal = problem(next.error(), "");
      co_await stream->send(fmt::format("event: error\ndata: {}\n\n", refusal.body));
      co_return;
    }
    following.page = std::move(*next);
  }
}

// The event to start behind: of the header that browsers send after a lost connection, else ?after=.
Sequence read_after(const HttpRequest& request, InputErrors& errors) {
  QueryReader query(request, errors);
  std::uint64_t after = query.number("after", {});
  query.finish();
  if (const auto last = request.header("Last-Event-ID"); last && !last->empty()) {
    const char* const end = last->data() + last->size();
    const auto [parsed, error] = std::from_chars(last->data(), end, after);
    if (error != std::errc{} || parsed != end || after > kNumberMax)
      errors.add("Last-Event-ID",
                 fmt::format("must be the number of an event, 0 to {}", kNumberMax));
  }
  return Sequence(after);
}

}  // namespace

RouteAnswer show_history(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader query(*call.request, errors);
  const Sequence after(query.number("after", {}));
  const std::size_t limit =
      query.number("limit", {.min = 1, .max = kEventsMax, .otherwise = kEventsDefault});
  const auto wait = query.duration("wait", api.options->wait_max);
  query.finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  Result<DescribeRequest> meant = run_meant(call.values[0], call.values[1]);
  if (!meant) co_return problem(meant.error(), call.path());
  const Result<HistoryPage> page =
      co_await api.engine->history(std::move(*meant), after, limit, wait.value_or(Duration(0)));
  if (!page) co_return problem(page.error(), call.path());
  co_return HttpResponse{.body = to_json(*page)};
}

RouteAnswer stream_events(ApiContext api, RouteCall call) {
  InputErrors errors;
  const Sequence after = read_after(*call.request, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  Result<DescribeRequest> meant = run_meant(call.values[0], call.values[1]);
  if (!meant) co_return problem(meant.error(), call.path());
  Result<HistoryPage> first =
      co_await api.engine->history(*meant, after, kEventsOfStream, Duration(0));
  if (!first) co_return problem(first.error(), call.path());
  meant->run = first->run;  // A later run of the same id is another history.
  Following following{.api = api, .run = std::move(*meant), .page = std::move(*first)};
  HttpResponse response{.content_type = "text/event-stream"};
  response.stream = [following = std::move(following)](EventStreamPtr stream) mutable {
    return follow(std::move(following), std::move(stream));
  };
  co_return response;
}

}  // namespace reprise::api
