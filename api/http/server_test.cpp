#include "api/http/server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <mutex>
#include <set>

#include "api/testing/raw_client.hpp"
#include "api/testing/running_server.hpp"

namespace reprise::api {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawClient;
using testing::RunningServer;
using testing::status_of;

constexpr std::string_view kGet = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

boost::asio::awaitable<HttpResponse> echo(HttpRequestPtr request) {
  co_return HttpResponse{.content_type = "text/plain",
                         .body = fmt::format("{} {} {}", to_string(request->method()),
                                             request->target(), request->body())};
}

// Answers when it is cancelled, which is never by itself.
boost::asio::awaitable<HttpResponse> wait_for_ever(HttpRequestPtr) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  timer.expires_at(boost::asio::steady_timer::time_point::max());
  co_await timer.async_wait(boost::asio::use_awaitable);
  co_return HttpResponse{};
}

boost::asio::awaitable<HttpResponse> wait_until_gone(HttpRequestPtr request,
                                                     std::promise<void>* there,
                                                     std::promise<void>* gone) {
  if (!request->client_is_gone()) there->set_value();
  while (!request->client_is_gone())
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
  gone->set_value();
  co_return HttpResponse{};
}

std::string exchange(std::uint16_t port, std::string_view bytes) {
  RawClient client(port);
  client.send(bytes);
  client.finish();
  return client.rest();
}

TEST(HttpServer, AnswersOverOneConnectionAgainAndAgain) {
  RunningServer running(echo);
  RawClient client(running.port());
  for (int i = 0; i < 100; ++i) {
    client.send(kGet);
    const std::string response = client.response();
    EXPECT_EQ(status_of(response), 200);
    EXPECT_THAT(response, HasSubstr("\r\n\r\nGET /hello "));
    EXPECT_THAT(response, Not(HasSubstr("Connection: close")));
  }
  EXPECT_EQ(running.server().connections(), 1U);
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
  RunningServer running(echo);
  RawClient client(running.port());
  std::string all;
  for (int i = 0; i < 500; ++i)
    all += fmt::format("POST /{} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", i);
  client.send(all);
  for (int i = 0; i < 500; ++i)
    EXPECT_THAT(client.response(), HasSubstr(fmt::format("\r\n\r\nPOST /{} abc", i)));
}

TEST(HttpServer, ReadsABodyThatComesByteByByte) {
  RunningServer running(echo);
  RawClient client(running.port());
  for (const char c :
       std::string("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"))
    client.send(std::string_view(&c, 1));
  EXPECT_THAT(client.response(), HasSubstr("POST / hello"));
}

TEST(HttpServer, SendsALargeBodyWhole) {
  const std::string large(5U << 20U, 'x');
  RunningServer running([&large](HttpRequestPtr) -> boost::asio::awaitable<HttpResponse> {
    return [](std::string body) -> boost::asio::awaitable<HttpResponse> {
      co_return HttpResponse{.body = std::move(body)};
    }(large);
  });
  RawClient client(running.port());
  client.send(kGet);
  EXPECT_TRUE(client.response().ends_with("\r\n\r\n" + large));
}

TEST(HttpServer, HeadHasTheHeadersOfGetAndNoBody) {
  RunningServer running(echo);
  const std::string response = exchange(
      running.port(), "HEAD /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(response, HasSubstr("Content-Length: 12\r\n"));
  EXPECT_TRUE(response.ends_with("\r\n\r\n"));
}

TEST(HttpServer, AnAnswerWithoutContentHasNoHeadersOfContent) {
  RunningServer running([](HttpRequestPtr) -> boost::asio::awaitable<HttpResponse> {
    co_return HttpResponse{.status = 204};
  });
  const std::string twice = exchange(running.port(), fmt::format("{}{}", kGet, kGet));
  EXPECT_THAT(twice, HasSubstr("\r\n\r\nHTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(twice, Not(HasSubstr("\r\nContent-")));
}

TEST(HttpServer, AHandlerCanSeeThatItsClientIsGone) {
  std::promise<void> seen_there;
  std::promise<void> seen_gone;
  RunningServer running([&](HttpRequestPtr request) {
    return wait_until_gone(std::move(request), &seen_there, &seen_gone);
  });
  auto client = std::make_unique<RawClient>(running.port());
  client->send(kGet);
  ASSERT_EQ(seen_there.get_future().wait_for(10s), std::future_status::ready);
  client.reset();
  EXPECT_EQ(seen_gone.get_future().wait_for(10s), std::future_status::ready);
}

TEST(HttpServer, SaysContinueBeforeAnExpectedBodyOnly) {
  RunningServer running(echo);
  RawClient client(running.port());
  client.send(
      "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_THAT(client.response(), HasSubstr("POST / ok"));
  client.send(
      "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: "
      "2097153\r\n\r\n");
  EXPECT_EQ(status_of(client.rest()), 413);
}

TEST(HttpServer, ClosesBehindARequestOfHttp10) {
  RunningServer running(echo);
  RawClient client(running.port());
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.rest(), HasSubstr("Connection: close"));
}

TEST(HttpServer, ClosesBehindAnErrorAndStillLetsTheClientReadIt) {
  RunningServer running(echo);
  RawClient client(running.port());
  // A gigabyte is announced, a part of it sent: the refusal comes without waiting for it.
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1073741824\r\n\r\n");
  client.send(std::string(1U << 20U, 'x'));
  client.finish();
  const std::string response = client.rest();
  EXPECT_EQ(status_of(response), 413);
  EXPECT_THAT(response, HasSubstr("application/problem+json"));
  EXPECT_THAT(response, HasSubstr(R"("code":"too_large")"));
  EXPECT_THAT(response, HasSubstr("Connection: close"));
}

TEST(HttpServer, NothingBehindARefusedRequestIsServed) {
  std::atomic<int> served = 0;
  RunningServer running([&served](HttpRequestPtr request) {
    ++served;
    return echo(std::move(request));
  });
  const std::string response =
      exchange(running.port(), std::string("GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n") +
                                   std::string(kGet));
  EXPECT_EQ(status_of(response), 400);
  EXPECT_EQ(served, 0);
}

TEST(HttpServer, OnLoopbackOnlyLoopbackHostsAreServed) {
  RunningServer running(echo);
  const auto status = [&](const std::string& host) {
    return status_of(exchange(running.port(), "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"));
  };
  for (const char* host : {"localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]", "[::1]:8000"})
    EXPECT_EQ(status(host), 200) << host;
  for (const char* host : {"evil.example", "localhost.evil", "127.0.0.2", "localhost:x", "[::1"})
    EXPECT_EQ(status(host), 403) << host;
}

TEST(HttpServer, AForeignOriginIsRefused) {
  RunningServer running(echo);
  const auto status = [&](const std::string& origin) {
    return status_of(
        exchange(running.port(), "POST / HTTP/1.1\r\nHost: localhost:8000\r\nOrigin: " + origin +
                                     "\r\nContent-Length: 0\r\n\r\n"));
  };
  EXPECT_EQ(status("http://localhost:8000"), 200);
  for (const char* origin :
       {"null", "http://evil.example", "http://localhost:9000", "localhost:8000"})
    EXPECT_EQ(status(origin), 403) << origin;
}

TEST(HttpServer, ASlowHeadEndsAtItsDeadline) {
  RunningServer running(echo, {.head_time = 20ms});
  RawClient silent(running.port());
  EXPECT_EQ(silent.rest(), "");
  RawClient slow(running.port());
  slow.send("GET / HTTP/1.1\r\nHost: loc");
  EXPECT_EQ(status_of(slow.rest()), 408);
}

TEST(HttpServer, ASlowBodyEndsAtItsDeadline) {
  RunningServer running(echo, {.body_time = 20ms});
  RawClient slow(running.port());
  slow.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(status_of(slow.rest()), 408);
}

TEST(HttpServer, AnIdleConnectionIsClosed) {
  RunningServer running(echo, {.idle_time = 20ms});
  RawClient client(running.port());
  client.send(kGet);
  EXPECT_EQ(status_of(client.response()), 200);
  EXPECT_EQ(client.rest(), "");
}

boost::asio::awaitable<void> pour(EventStreamPtr stream, std::promise<void>* ended) {
  while (co_await stream->send(std::string(1U << 20U, 'x'))) continue;
  ended->set_value();
}

TEST(HttpServer, AReaderThatNeverReadsIsDropped) {
  std::promise<void> ended;
  RunningServer running(
      [&ended](HttpRequestPtr) {
        return [](std::promise<void>* end) -> boost::asio::awaitable<HttpResponse> {
          HttpResponse response{.content_type = "text/event-stream"};
          response.stream = [end](EventStreamPtr stream) { return pour(std::move(stream), end); };
          co_return response;
        }(&ended);
      },
      {.write_time = 20ms});
  RawClient client(running.port());
  client.send(kGet);
  EXPECT_EQ(ended.get_future().wait_for(10s), std::future_status::ready);
}

TEST(HttpServer, MoreConnectionsThanAllowedAreTurnedAway) {
  RunningServer running(echo, {.connections_max = 2});
  RawClient first(running.port());
  RawClient second(running.port());
  first.send(kGet);
  second.send(kGet);
  EXPECT_EQ(status_of(first.response()), 200);
  EXPECT_EQ(status_of(second.response()), 200);
  RawClient third(running.port());
  EXPECT_EQ(status_of(third.rest()), 503);
  EXPECT_EQ(running.server().connections(), 2U);
}

TEST(HttpServer, ConnectionsTakeTurnsOnTheThreads) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  RunningServer running([&](HttpRequestPtr request) {
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    return echo(std::move(request));
  });
  for (int i = 0; i < 2; ++i) exchange(running.port(), kGet);
  EXPECT_EQ(threads.size(), 2U);
}

TEST(HttpServer, AHandlerThatThrowsIsA500WithoutItsWords) {
  RunningServer running([](HttpRequestPtr) -> boost::asio::awaitable<HttpResponse> {
    throw std::runtime_error("secret");
    co_return HttpResponse{};
  });
  const std::string response = exchange(running.port(), kGet);
  EXPECT_EQ(status_of(response), 500);
  EXPECT_THAT(response, Not(HasSubstr("secret")));
}

TEST(HttpServer, StopClosesIdleConnectionsAtOnce) {
  RunningServer running(echo, {.drain_time = 100s});
  RawClient client(running.port());
  client.send(kGet);
  client.response();
  running.server().stop();
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(running.server().connections(), 0U);
}

TEST(HttpServer, StopAnswers503WhereTheHandlerDoesNotEndInTime) {
  std::promise<void> entered;
  RunningServer running(
      [&entered](HttpRequestPtr request) {
        entered.set_value();
        return wait_for_ever(std::move(request));
      },
      {.drain_time = 10ms});
  RawClient client(running.port());
  client.send(kGet);
  entered.get_future().wait();
  running.server().stop();
  EXPECT_EQ(status_of(client.rest()), 503);
  EXPECT_EQ(running.server().connections(), 0U);
}

boost::asio::awaitable<void> greet_and_wait(EventStreamPtr stream) {
  co_await stream->send("hello\n\n");
  co_await wait_for_ever({});
}

TEST(HttpServer, StopCutsStreamsWithoutTheirEndSoThatClientsComeBack) {
  RunningServer running(
      [](HttpRequestPtr) {
        return []() -> boost::asio::awaitable<HttpResponse> {
          HttpResponse response{.content_type = "text/event-stream"};
          response.stream = greet_and_wait;
          co_return response;
        }();
      },
      {.drain_time = 100s});
  RawClient client(running.port());
  client.send(kGet);
  EXPECT_THAT(client.until("hello\n\n"), HasSubstr("Transfer-Encoding: chunked"));
  running.server().stop();
  EXPECT_THAT(client.rest(), Not(HasSubstr("0\r\n\r\n")));
}

TEST(HttpServer, ATakenPortIsAnErrorThatNamesIt) {
  RunningServer running(echo);
  testing::Threads threads(1);
  const auto second = HttpServer::start({.port = running.port()}, echo, threads.executors());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::io);
  EXPECT_THAT(second.error().detail, HasSubstr(std::to_string(running.port())));
}

}  // namespace
}  // namespace reprise::api
