#include "tools/reprise/event_feed.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <utility>

#include "tools/reprise/client.hpp"

namespace reprise::cli {
namespace {

// The server sends a comment at least every 15 s; three missed ones are a dead connection.
constexpr Duration kIdleTime = std::chrono::seconds(45);

// What lives as long as the feed, over all its connections.
struct Feed {
  FeedOptions options;
  std::shared_ptr<FeedListener> listener;
  EventStreamParser parser;
  SteadyTime last_sign;  // of the server
  bool lost = false;     // the listener knows
  bool enough = false;   // the listener said so
  unsigned ends_without_event = 0;
  std::optional<Error> bad;  // what came is no event stream
};

bool take(Feed& feed, std::string_view bytes) {
  feed.last_sign = system_clock().steady();
  if (std::exchange(feed.lost, false)) feed.listener->on_back();
  auto messages = feed.parser.feed(bytes);
  if (!messages) {
    feed.bad = messages.error();
    return false;
  }
  if (!messages->empty()) feed.ends_without_event = 0;
  for (const StreamMessage& message : *messages) {
    if (message.event == "error") continue;  // it ends the stream; the next connection says more
    feed.enough = message.event == "end" || !feed.listener->on_event(message);
    if (feed.enough) return false;
  }
  return true;
}

HttpCall connection_of(const Feed& feed) {
  HttpCall call = call_of(feed.options.server, events_request(feed.options.workflow));
  call.deadline = SteadyTime::max();
  call.headers.front().value = "text/event-stream";
  const std::string& last =
      feed.parser.last_id().empty() ? feed.options.after : feed.parser.last_id();
  if (!last.empty()) call.headers.push_back({.name = "Last-Event-ID", .value = last});
  return call;
}

// Why there are no events now, if waiting may help: a server that restarts.
std::optional<HttpFailure> passing_trouble(const HttpOutcome& outcome) {
  using Kind = HttpFailure::Kind;
  if (outcome && outcome->status == 503)
    return HttpFailure{.kind = Kind::connect, .detail = "the server is starting or stopping"};
  if (outcome) return std::nullopt;
  const Kind kind = outcome.error().kind;
  if (kind == Kind::connect || kind == Kind::cut || kind == Kind::timed_out) return outcome.error();
  return std::nullopt;
}

// A stream that ended as it should. The server ends it behind the last event of a closed run, but
// also when it stops; only a second end without an event between says that there is no more.
bool is_last_end(Feed& feed, const HttpOutcome& outcome) {
  if (!outcome || !outcome->ok()) return false;
  return ++feed.ends_without_event > 1;
}

boost::asio::awaitable<void> pause(Duration duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

}  // namespace

boost::asio::awaitable<HttpOutcome> follow(FeedOptions options,
                                           std::shared_ptr<FeedListener> listener) {
  auto feed = std::make_shared<Feed>();
  feed->options = std::move(options);
  feed->listener = std::move(listener);
  while (true) {
    HttpOutcome outcome =
        co_await http_stream(connection_of(*feed), kIdleTime,
                             [feed](std::string_view bytes) { return take(*feed, bytes); });
    if (feed->bad)
      co_return std::unexpected(
          HttpFailure{.kind = HttpFailure::Kind::bad_reply, .detail = feed->bad->detail});
    if (feed->enough || is_last_end(*feed, outcome)) co_return HttpResponse{.status = 200};
    if (outcome && outcome->ok()) feed->last_sign = system_clock().steady();
    const std::optional<HttpFailure> trouble = passing_trouble(outcome);
    if (!(outcome && outcome->ok())) {
      const bool is_known = feed->last_sign != SteadyTime();
      const Duration silence = system_clock().steady() - feed->last_sign;
      if (!trouble || !is_known || silence > feed->options.patience) co_return outcome;
      if (!std::exchange(feed->lost, true))
        feed->listener->on_lost(*trouble, feed->options.patience);
    }
    feed->parser.restart();
    co_await pause(feed->options.retry_delay);
  }
}

}  // namespace reprise::cli
