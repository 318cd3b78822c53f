#include <gtest/gtest.h>

#include "activities/net/http_client.hpp"
#include "activities/net/testing/run_coroutine.hpp"
#include "activities/net/testing/scripted_server.hpp"

namespace reprise {
namespace {

using testing::run_coroutine;
using testing::ScriptedReply;
using testing::ScriptedRequest;
using testing::ScriptedServer;
using Kind = HttpFailure::Kind;
using namespace std::chrono_literals;

// What no call needs, on a machine under any load.
constexpr Duration kPlenty = 2min;

HttpCall get(const ScriptedServer& server) {
  return {.url = parse_url(server.url()).value(),
          .deadline = system_clock().steady() + kPlenty,
          .connect_timeout = kPlenty};
}

ScriptedServer always(ScriptedReply reply) {
  return ScriptedServer([reply = std::move(reply)](const ScriptedRequest&) { return reply; });
}

TEST(HttpStream, APieceArrivesWhileTheStreamIsStillOpen) {
  ScriptedServer server([](const ScriptedRequest&) {
    return ScriptedReply{.chunks = {"data: 1\n\n"}, .hold_end = true};
  });
  std::string got;
  const HttpOutcome outcome =
      run_coroutine(http_stream(get(server), kPlenty, [&](std::string_view piece) {
        got += piece;
        if (got == "data: 1\n\n") server.release();
        return true;
      }));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().detail;
  EXPECT_EQ(got, "data: 1\n\n");
  EXPECT_EQ(outcome->status, 200);
  EXPECT_EQ(outcome->body, "");
}

TEST(HttpStream, ASinkThatHasEnoughEndsTheStream) {
  const auto server = always({.chunks = {"a"}, .hold_end = true});
  const HttpOutcome outcome =
      run_coroutine(http_stream(get(server), kPlenty, [](std::string_view) { return false; }));
  EXPECT_TRUE(outcome.has_value());
  EXPECT_TRUE(server.wait_for_hang_up());
}

TEST(HttpStream, SilenceBetweenPiecesIsATimeout) {
  const auto server = always({.chunks = {"a"}, .hold_end = true});
  std::string got;
  // On a busy machine the first silence may be the one before the head.
  for (Duration idle = 50ms; got.empty(); idle *= 2) {
    const HttpOutcome outcome =
        run_coroutine(http_stream(get(server), idle, [&](std::string_view piece) {
          got += piece;
          return true;
        }));
    ASSERT_FALSE(outcome.has_value());
    ASSERT_EQ(outcome.error().kind, Kind::timed_out);
  }
  EXPECT_EQ(got, "a");
}

TEST(HttpStream, SilenceBeforeTheHeadIsATimeout) {
  const auto server = always({.hold_start = true});
  const HttpOutcome outcome =
      run_coroutine(http_stream(get(server), 50ms, [](std::string_view) { return true; }));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, Kind::timed_out);
}

TEST(HttpStream, TheDeadlineHoldsForTheWholeStream) {
  const auto server = always({.chunks = {"a"}, .hold_end = true});
  HttpCall call = get(server);
  call.deadline = system_clock().steady() + 50ms;
  const HttpOutcome outcome =
      run_coroutine(http_stream(call, kPlenty, [](std::string_view) { return true; }));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, Kind::timed_out);
}

TEST(HttpStream, AnotherStatusComesWholeAndPastTheSink) {
  const auto server = always({.status = 404, .body = "{\"title\":\"no such run\"}"});
  bool called = false;
  const HttpOutcome outcome = run_coroutine(
      http_stream(get(server), kPlenty, [&](std::string_view) { return called = true; }));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->status, 404);
  EXPECT_EQ(outcome->body, "{\"title\":\"no such run\"}");
  EXPECT_FALSE(called);
}

TEST(HttpStream, AStreamThatBreaksOffIsCut) {
  const auto server = always({.raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                     "4\r\nabcd\r\n"});
  std::string got;
  const HttpOutcome outcome =
      run_coroutine(http_stream(get(server), kPlenty, [&](std::string_view piece) {
        got += piece;
        return true;
      }));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, Kind::cut);
  EXPECT_EQ(got, "abcd");
}

TEST(HttpStream, ItsLengthHasNoLimit) {
  const auto server = always({.body = std::string(300'000, 'x')});
  HttpCall call = get(server);
  call.response_bytes_max = 10;
  std::size_t bytes = 0;
  const HttpOutcome outcome = run_coroutine(http_stream(call, kPlenty, [&](std::string_view piece) {
    bytes += piece.size();
    return true;
  }));
  EXPECT_TRUE(outcome.has_value());
  EXPECT_EQ(bytes, 300'000U);
}

}  // namespace
}  // namespace reprise
