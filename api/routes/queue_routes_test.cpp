#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/queue_rules.hpp"
#include "api/testing/api_call.hpp"

namespace reprise::api {
namespace {

using testing::ApiReply;
using testing::ask;
using ::testing::ElementsAre;
using testing::FakeEngine;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kBorn;
using testing::kRun;

FakeEngine engine_that_keeps() {
  FakeEngine engine;
  engine.on_start = [](const StartRequest& start) {
    EXPECT_EQ(start.type, "reprise.queue");
    EXPECT_EQ(start.workflow->text(), "queue_ocr");
    EXPECT_EQ(start.id_conflict, IdConflict::use_existing);
    return StartAnswer{*start.workflow, kRun, kBorn, true};
  };
  engine.on_update = [](const UpdateRequest& update, const Duration&) {
    EXPECT_EQ(update.name, "set");
    EXPECT_THAT(update.input.bytes, HasSubstr("\"out\":6"));
    return UpdateOutcome{
        .run = kRun, .id = update.id, .answer = UpdateCompleted{{}, {R"({"version":7})"}, {}, {}}};
  };
  return engine;
}

TEST(ShowQueue, TellsItsFiguresAndItsLimits) {
  FakeEngine engine;
  engine.queue = {.waiting = 3, .leased = 2, .polls = 1};
  EXPECT_EQ(ask(engine, "GET /api/v1/queues/ocr").body,
            R"({"queue":"ocr","waiting":3,"leased":2,"held":0,"pollers":1,)"
            R"("concurrency_max":null,"rate":null})");
  engine.queue.held = 4;
  engine.queue.rules = {.concurrency_max = 5, .rate = QueueRate{10, std::chrono::seconds(90)}};
  const ApiReply reply = ask(engine, "GET /api/v1/queues/ocr");
  EXPECT_EQ(reply.json("held"), "4");
  EXPECT_EQ(reply.json("concurrency_max"), "5");
  EXPECT_EQ(reply.json("rate"), R"({"count":10,"per":"90s"})");
}

TEST(LimitQueue, IsInForceOnceTheQueuesRunHasKeptIt) {
  FakeEngine engine = engine_that_keeps();
  engine.queue = {.leased = 4, .held = 2};
  const ApiReply reply = ask(engine, "PUT /api/v1/queues/ocr",
                             R"({"concurrency_max":3,"rate":{"count":10,"per":"1s"}})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"queue":"ocr","concurrency_max":3,"rate":{"count":10,"per":"1s"}})");
  EXPECT_THAT(engine.calls, ElementsAre("set_queue_rules", "start", "update", "set_queue_rules"));
  EXPECT_EQ(engine.queue_rules,
            (QueueRules{.concurrency_max = 3, .rate = QueueRate{10, std::chrono::seconds(1)}}));
  EXPECT_EQ(ask(engine, "PUT /api/v1/queues/ocr", "{}").status, 200);
  EXPECT_FALSE(engine.queue_rules.are_given()) << "what is not given is not limited any more";
}

TEST(LimitQueue, IsNotInForceWhenItIsNotKept) {
  FakeEngine engine = engine_that_keeps();
  engine.on_update = [](const auto&, const auto&) { return fail(Errc::overloaded, "busy"); };
  EXPECT_EQ(ask(engine, "PUT /api/v1/queues/ocr", R"({"concurrency_max":3})").status, 503);
  EXPECT_FALSE(engine.queue_rules.are_given());
  engine.on_update = [](const auto&, const auto&) { return UpdateOutcome{.run = kRun}; };
  EXPECT_EQ(ask(engine, "PUT /api/v1/queues/ocr", R"({"concurrency_max":3})").status, 202);
}

TEST(LimitQueue, RefusesWhatItDoesNotUnderstandWithoutAskingTheEngine) {
  for (const auto& [queue, body, field] : std::vector<std::array<std::string, 3>>{
           {"ocr", "", "body"},
           {"ocr", R"({"concurrency_max":0})", "concurrency_max"},
           {"ocr", R"({"concurrency_max":"3"})", "concurrency_max"},
           {"ocr", R"({"rate":{"count":3}})", "rate.per"},
           {"ocr", R"({"rate":{"per":"1s"}})", "rate.count"},
           {"ocr", R"({"rate":{"count":3,"per":"1d"}})", "rate.per"},
           {"ocr", R"({"concurency_max":3})", "concurency_max"},
           {"o%20cr", "{}", "queue"}}) {
    FakeEngine engine;
    const ApiReply reply = ask(engine, "PUT /api/v1/queues/" + queue, body);
    EXPECT_EQ(reply.status, 400) << queue << body;
    EXPECT_THAT(reply.body, HasSubstr("\"" + field + "\":")) << queue << body;
    EXPECT_THAT(engine.calls, IsEmpty());
  }
}

}  // namespace
}  // namespace reprise::api
