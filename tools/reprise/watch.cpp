#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "tools/reprise/event_feed.hpp"
#include "tools/reprise/live_task.hpp"
#include "tools/reprise/task_text.hpp"
#include "tools/reprise/verbs.hpp"

namespace reprise::cli {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(150);  // at most so late is the task's picture

// The live screen of one task: events come from the feed, the picture of the task is asked for
// whenever events have come. All on one thread.
class Watch final : public FeedListener {
 public:
  Watch(const Client& client, std::string id)
      : client_(client),
        id_(std::move(id)),
        live_(client.screen().style, client.screen().redraws) {}

  bool on_event(const StreamMessage& message) override {
    const auto event = read_event(message.data);
    if (!event) return true;
    if (client_.screen().json)
      client_.screen().out << message.data << '\n' << std::flush;
    else
      print(live_.apply(*event));
    stale_ = true;
    return !event->is_last();
  }
  void on_lost(const HttpFailure& failure, Duration patience) override {
    say(Tone::warn, fmt::format("the server is gone ({}); trying again for {}", failure.detail,
                                human_duration(patience)));
  }
  void on_back() override { say(Tone::good, "the server is back"); }

  // Lines that stay, above the one that is redrawn.
  void print(const std::string& lines) {
    if (client_.screen().json) return;
    if (client_.screen().redraws) client_.screen().out << "\r\x1b[2K";
    client_.screen().out << lines;
    if (client_.screen().redraws && !ended_) client_.screen().out << live_.footer();
    client_.screen().out << std::flush;
  }
  void end() {
    ended_ = true;
    print("");
  }
  void take(const HttpOutcome& outcome) {
    if (!outcome || !outcome->ok()) return;
    if (const auto task = read_task(outcome->body)) print(live_.apply(*task));
  }

  [[nodiscard]] bool is_stale() const { return stale_; }
  [[nodiscard]] HttpCall picture_call() {
    stale_ = false;
    return call_of(client_.server(), request_of(ShowTask{.id = id_}));
  }
  [[nodiscard]] FeedOptions feed() const { return {.server = client_.server(), .workflow = id_}; }

 private:
  void say(Tone tone, const std::string& text) {
    if (client_.screen().json)
      client_.screen().err << text << '\n';
    else
      print("    " + client_.screen().style.paint(tone, "! " + text) + "\n");
  }

  const Client& client_;
  std::string id_;
  LiveTask live_;
  bool stale_ = true;
  bool ended_ = false;
};

// Keeps the picture up to date; ends only by being cancelled.
boost::asio::awaitable<void> refresh(std::shared_ptr<Watch> watch) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  while (true) {
    if (watch->is_stale()) watch->take(co_await http_call(watch->picture_call()));
    timer.expires_after(kTick);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

boost::asio::awaitable<HttpOutcome> follow_and_refresh(std::shared_ptr<Watch> watch) {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto first = co_await (follow(watch->feed(), watch) || refresh(watch));
  watch->take(co_await http_call(watch->picture_call()));
  co_return std::get<0>(std::move(first));
}

}  // namespace

ExitCode run(const Client& client, const WatchTask& verb) {
  // Whether there is such a task is the first thing to know.
  const auto found = client.ask(request_of(ShowTask{.id = verb.id}));
  if (!found) return found.error();
  auto watch = std::make_shared<Watch>(client, verb.id);
  boost::asio::io_context io(1);
  auto outcome = boost::asio::co_spawn(io, follow_and_refresh(watch), boost::asio::use_future);
  io.run();
  const HttpOutcome end = outcome.get();
  watch->end();
  if (!end) return client.tell(end.error());
  if (!end->ok()) return client.tell_refusal(*end);
  return run(client, ShowTaskResult{.id = verb.id, .wait = std::chrono::seconds(5)});
}

}  // namespace reprise::cli
