#include "activities/callback/callback_activity.hpp"

#include <gtest/gtest.h>

#include "activities/net/testing/run_coroutine.hpp"
#include "activities/net/testing/scripted_server.hpp"

namespace reprise {
namespace {

using testing::ScriptedReply;
using testing::ScriptedRequest;
using testing::ScriptedServer;

class CallbackTest : public ::testing::Test {
 protected:
  CallbackTest() : receiver([this](const ScriptedRequest&) { return reply; }) {}

  ActivityOutcome send(std::string url, CallbackRules rules = {.private_addresses = true}) {
    ActivityRegistry registry;
    register_callback_activity(
        registry, rules, [](const CallbackInput&) -> boost::asio::awaitable<Result<std::string>> {
          co_return std::string(R"({"event":"run_closed"})");
        });
    const ActivityBody* body = registry.find(SendCallback::kName, SendCallback::kVersion);
    return testing::run_coroutine(
        (*body)({.workflow = WorkflowId("callback_run_1"),
                 .run = {},
                 .command = CommandId(1),
                 .attempt = Attempt(1),
                 .name = std::string(SendCallback::kName),
                 .provider = {},
                 .input = encode(CallbackInput{std::move(url), "w", "run_1"}),
                 .deadline = system_clock().steady() + std::chrono::seconds(20)}));
  }

  ScriptedReply reply;
  ScriptedServer receiver;
};

TEST_F(CallbackTest, PostsHowTheRunEndedUnderTheRunsId) {
  const ActivityOutcome outcome = send(receiver.url() + "/done?for=w");
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  const ScriptedRequest request = receiver.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/done?for=w");
  EXPECT_EQ(request.header("Idempotency-Key"), "run_1");
  EXPECT_EQ(request.body, R"({"event":"run_closed"})");
}

TEST_F(CallbackTest, DoesNotCallAPrivateAddressHoweverItIsWritten) {
  const std::string port = receiver.url().substr(receiver.url().rfind(':'));
  for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1",
                           "[::1]", "[::ffff:127.0.0.1]", "127.1"}) {
    const ActivityOutcome outcome = send("http://" + std::string(host) + port, {});
    ASSERT_FALSE(outcome.has_value()) << host;
    EXPECT_TRUE(outcome.error().type == "forbidden_address" || outcome.error().type == "bad_url" ||
                outcome.error().type == "no_answer")
        << host << ": " << outcome.error().type;
  }
  EXPECT_TRUE(receiver.requests().empty());
}

TEST_F(CallbackTest, ARedirectIsNotFollowedAndNotTriedAgain) {
  reply = {.status = 302, .headers = {{.name = "Location", .value = "http://127.0.0.1:1/"}}};
  const ActivityOutcome outcome = send(receiver.url());
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().type, "http_3xx");
  EXPECT_FALSE(outcome.error().retryable);
  EXPECT_EQ(receiver.requests().size(), 1U);
}

TEST_F(CallbackTest, WhatTheReceiverMayGetOverIsTriedAgain) {
  for (const auto& [status, again] :
       std::vector<std::pair<int, bool>>{{500, true}, {503, true}, {429, true}, {404, false}}) {
    reply = {.status = status};
    const ActivityOutcome outcome = send(receiver.url());
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().retryable, again) << status;
  }
}

}  // namespace
}  // namespace reprise
