#include "activities/providers/http_provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "activities/net/testing/run_coroutine.hpp"
#include "activities/net/testing/scripted_server.hpp"
#include "activities/providers/anthropic.hpp"
#include "activities/providers/openai_chat.hpp"

namespace reprise {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_coroutine;
using testing::ScriptedReply;
using testing::ScriptedRequest;
using testing::ScriptedServer;
using ::testing::StartsWith;
using namespace std::chrono_literals;

// What no call needs, on a machine under any load.
constexpr Duration kPlenty = 2min;

constexpr auto kKey = "sk-swordfish-0123456789";

ModelRequest question() {
  return {.stage = "analysis",
          .messages = {{.text = "What is it?"}},
          .deadline = system_clock().steady() + kPlenty};
}

// What holds for every protocol.
class HttpProviderTest : public ::testing::TestWithParam<ModelProtocol> {
 protected:
  [[nodiscard]] static HttpProvider provider_at(const std::string& url) {
    ProviderOptions options;
    options.name = "somebody";
    options.base_url = parse_url(url).value();
    options.api_key = Secret(kKey);
    options.model = "a-model";
    options.connect_timeout = kPlenty;
    return {GetParam(), options};
  }

  static ActivityFailure failure_of_reply(ScriptedReply reply) {
    const ScriptedServer server([&](const ScriptedRequest&) { return reply; });
    const ModelOutcome outcome = run_coroutine(provider_at(server.url()).complete(question()));
    EXPECT_EQ(server.requests().size(), 1U) << "a provider never retries";
    return outcome ? ActivityFailure{.type = "no failure"} : outcome.error();
  }
};

INSTANTIATE_TEST_SUITE_P(Providers, HttpProviderTest,
                         ::testing::Values(anthropic_messages(), openai_chat()),
                         [](const auto& tested) {
                           return tested.index == 0 ? "Anthropic" : "OpenAi";
                         });

TEST_P(HttpProviderTest, A429CarriesItsDelayInEachForm) {
  const auto delay_of = [](HttpHeaders headers) {
    const ActivityFailure failure =
        failure_of_reply({.status = 429, .headers = std::move(headers), .body = "{}"});
    EXPECT_EQ(failure.type, "rate_limited");
    EXPECT_TRUE(failure.retryable);
    return failure.retry_after;
  };
  EXPECT_EQ(delay_of({}), 0s);
  EXPECT_EQ(delay_of({{"retry-after-ms", "120"}}), 120ms);
  EXPECT_EQ(delay_of({{"Retry-After", "3"}}), 3s);
  EXPECT_EQ(delay_of({{"Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT"}}), 1h);
}

TEST_P(HttpProviderTest, ServerErrorsAreRetriedAndClientErrorsAreNot) {
  for (const auto& [status, type] :
       {std::pair(500, "server_error"), {503, "overloaded"}, {529, "overloaded"}}) {
    const ActivityFailure failure = failure_of_reply({.status = status, .body = "{}"});
    EXPECT_EQ(failure.type, type);
    EXPECT_TRUE(failure.retryable);
  }
  for (const auto& [status, type] : {std::pair(400, "bad_request"),
                                     {401, "auth"},
                                     {402, "quota"},
                                     {403, "auth"},
                                     {404, "not_found"},
                                     {413, "too_large"}}) {
    const ActivityFailure failure = failure_of_reply({.status = status, .body = "{}"});
    EXPECT_EQ(failure.type, type);
    EXPECT_FALSE(failure.retryable);
  }
}

TEST_P(HttpProviderTest, AnAnswerThatBreaksOffIsANetworkFailure) {
  EXPECT_EQ(failure_of_reply({.body = "{\"content\":[", .cut_after = 5}).type, "network");
  EXPECT_EQ(failure_of_reply({.close_first = true}).type, "network");
}

TEST_P(HttpProviderTest, AnAnswerThatIsNoneIsABadReply) {
  for (const char* body :
       {"", "hello", "<html></html>", "{", "[]", "null", "{}", R"({"content":{}})",
        R"({"content":[7],"stop_reason":"end_turn"})", R"({"choices":[]})", R"({"choices":[{}]})",
        R"({"choices":[7]})", R"({"choices":[{"message":{"content":7}}]})",
        R"({"error":{"message":"no"}})"}) {
    const ActivityFailure failure = failure_of_reply({.body = body});
    EXPECT_EQ(failure.type, "bad_reply") << body;
    EXPECT_TRUE(failure.retryable);
  }
  EXPECT_EQ(failure_of_reply({.raw = "not http\r\n\r\n"}).type, "bad_reply");
}

TEST_P(HttpProviderTest, AnAnswerOverEightMebibytesIsABadReply) {
  EXPECT_EQ(failure_of_reply({.body = std::string(9U << 20U, ' ')}).type, "bad_reply");
}

TEST_P(HttpProviderTest, AServerThatIsNotThereIsANetworkFailure) {
  std::string nobody;
  {
    const ScriptedServer server([](const ScriptedRequest&) { return ScriptedReply{}; });
    nobody = server.url();
  }
  const ModelOutcome outcome = run_coroutine(provider_at(nobody).complete(question()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().type, "network");
  EXPECT_TRUE(outcome.error().retryable);
}

TEST_P(HttpProviderTest, TheDeadlineEndsACallThatIsNotAnswered) {
  const ScriptedServer server(
      [](const ScriptedRequest&) { return ScriptedReply{.hold_start = true}; });
  // On a busy machine the first deadline may pass before the request arrives.
  for (Duration time = 50ms; server.requests().empty(); time *= 2) {
    ModelRequest request = question();
    request.deadline = system_clock().steady() + time;
    const ModelOutcome outcome = run_coroutine(provider_at(server.url()).complete(request));
    ASSERT_FALSE(outcome.has_value());
    ASSERT_EQ(outcome.error().type, "timeout");
    EXPECT_TRUE(outcome.error().retryable);
  }
  EXPECT_TRUE(server.wait_for_hang_up());
}

TEST_P(HttpProviderTest, TheProvidersTimeoutEndsItToo) {
  const ScriptedServer server(
      [](const ScriptedRequest&) { return ScriptedReply{.hold_start = true}; });
  ProviderOptions options;
  options.name = "slow";
  options.base_url = parse_url(server.url()).value();
  options.request_timeout = 50ms;
  HttpProvider provider(GetParam(), options);
  const ModelOutcome outcome = run_coroutine(provider.complete(question()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().type, "timeout");
}

TEST_P(HttpProviderTest, CancellingEndsTheCallAndClosesItsConnection) {
  const ScriptedServer server(
      [](const ScriptedRequest&) { return ScriptedReply{.hold_start = true}; });
  HttpProvider provider = provider_at(server.url());
  asio::io_context io(1);
  asio::cancellation_signal cancel;
  std::optional<ModelOutcome> outcome;
  asio::co_spawn(io, provider.complete(question()),
                 asio::bind_cancellation_slot(
                     cancel.slot(), [&](const std::exception_ptr& thrown, ModelOutcome result) {
                       if (!thrown) outcome = std::move(result);
                     }));
  const std::jthread other([&] {
    EXPECT_TRUE(server.wait_for_requests(1));
    asio::post(io, [&] { cancel.emit(asio::cancellation_type::terminal); });
  });
  io.run();
  ASSERT_TRUE(outcome.has_value());
  ASSERT_FALSE(outcome->has_value());
  EXPECT_EQ(outcome->error().type, "cancelled");
  EXPECT_TRUE(server.wait_for_hang_up());
}

TEST_P(HttpProviderTest, NoFailureHoldsTheKeyThoughTheServerRepeatsIt) {
  const std::string repeated = std::string("key ") + kKey + " and " + kKey;
  const std::string error = R"({"error":{"type":"x","message":")" + repeated + "\"}}";
  for (const int status : {400, 401, 403, 429, 500}) {
    const ActivityFailure failure = failure_of_reply({.status = status, .body = error});
    EXPECT_THAT(failure.message, Not(HasSubstr("swordfish")));
    EXPECT_THAT(failure.message, StartsWith("somebody: HTTP "));
  }
  const std::string stop = R"({"content":[],"stop_reason":")" + repeated +
                           R"(","choices":[{"message":{},"finish_reason":")" + repeated + "\"}]}";
  EXPECT_THAT(failure_of_reply({.body = stop}).message, Not(HasSubstr("swordfish")));
}

TEST_P(HttpProviderTest, NoHalfOfTheKeyStaysWhereALongMessageIsCut) {
  for (std::size_t before = 460; before < 500; ++before) {
    const ActivityFailure failure = failure_of_reply(
        {.status = 500,
         .body = R"({"error":{"message":")" + std::string(before, 'x') + kKey + "\"}}"});
    ASSERT_LE(failure.message.size(), 500U);
    ASSERT_THAT(failure.message, Not(HasSubstr("sk-")));
  }
}

TEST_P(HttpProviderTest, AKeyWithALineBreakIsNotSentAndNotShown) {
  const ScriptedServer server([](const ScriptedRequest&) { return ScriptedReply{}; });
  ProviderOptions options;
  options.name = "somebody";
  options.base_url = parse_url(server.url()).value();
  options.api_key = Secret("swordfish\n");
  HttpProvider provider(GetParam(), options);
  const ModelOutcome outcome = run_coroutine(provider.complete(question()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_FALSE(outcome.error().retryable);
  EXPECT_THAT(outcome.error().message, Not(HasSubstr("swordfish")));
  EXPECT_TRUE(server.requests().empty());
}

TEST_P(HttpProviderTest, ASchemaThatIsNoJsonIsNotSent) {
  const ScriptedServer server([](const ScriptedRequest&) { return ScriptedReply{}; });
  ModelRequest request = question();
  request.schema = "{";
  const ModelOutcome outcome = run_coroutine(provider_at(server.url()).complete(request));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().type, "bad_request");
  EXPECT_FALSE(outcome.error().retryable);
  EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace reprise
