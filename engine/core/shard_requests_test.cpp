// Requests: what each is answered, once what it did is durable.
#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using std::chrono::seconds;
using testing::catalog_of;
using testing::ShardDriver;
using testing::Word;
using testing::Work;
using Kinds = std::vector<std::string>;

// Takes two signals; tells how many it has.
Workflow<Word> gate(Context ctx, Word) {
  int taken = 0;
  const QueryHandle handle = ctx.query("taken", [&taken](const Payload&) -> Result<Payload> {
    return Payload{std::to_string(taken)};
  });
  while (taken < 2) {
    co_await ctx.signal<Word>("go");
    ++taken;
  }
  co_return Word{"through"};
}

IdempotencyKey key(const std::string& name, const std::string& body) {
  return {"tenant", name, digest_of(body)};
}

TEST(ShardRequests, AStartIsAnsweredWhenItsRunIsDurable) {
  ShardDriver shard(catalog_of(&gate));
  StartInput input = shard.start_input("t", "w");
  const RequestId id = input.id;
  std::vector<Input> inputs;
  inputs.push_back(std::move(input));
  shard.step(std::move(inputs));
  shard.answer_read();
  EXPECT_FALSE(shard.reply(id).has_value()) << "not before the commit";
  shard.commit();
  const auto answer = std::get<StartAnswer>(shard.reply(id)->value());
  EXPECT_EQ(answer.workflow, WorkflowId("w"));
  EXPECT_FALSE(answer.repeated);
  EXPECT_EQ(shard.kinds(answer.run), (Kinds{"run_started"}));
}

TEST(ShardRequests, AStartOfAnUnknownTypeOrWithBadInputIsRefused) {
  ShardDriver shard(catalog_of(&gate));
  EXPECT_EQ(shard.start("other", "w").error().code, Errc::not_found);
  StartInput bad = shard.start_input("t", "w");
  bad.request.input = Payload{"?"};
  const RequestId id = bad.id;
  shard.give(std::move(bad));
  EXPECT_EQ(shard.reply(id)->error().code, Errc::invalid_argument);
  StartInput large = shard.start_input("t", "w");
  large.request.input = Payload{std::string((2U << 20U) + 1, 'x')};
  const RequestId large_id = large.id;
  shard.give(std::move(large));
  EXPECT_EQ(shard.reply(large_id)->error().code, Errc::too_large);
  EXPECT_EQ(shard.rows(Table::record), 0U);
}

TEST(ShardRequests, OfManyThatStartOneIdOneWins) {
  ShardDriver shard(catalog_of(&gate));
  std::vector<Input> inputs;
  for (int i = 0; i < 64; ++i) inputs.emplace_back(shard.start_input("t", "w"));
  shard.step(std::move(inputs));
  shard.settle();
  int won = 0;
  for (const Reply& reply : shard.actions<Reply>()) {
    won += reply.answer ? 1 : 0;
    if (!reply.answer) EXPECT_EQ(reply.answer.error().code, Errc::already_exists);
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(shard.rows(Table::view), 1U);
}

TEST(ShardRequests, AClosedIdIsTakenAgainOnlyIfThatIsAllowed) {
  ShardDriver shard(catalog_of(&gate));
  const RunId first = shard.start("t", "w")->run;
  EXPECT_EQ(shard.start("t", "w").error().code, Errc::already_exists) << "it is open";
  shard.cancel("w");
  EXPECT_EQ(shard.start("t", "w", {}, IdReuse::reject).error().code, Errc::already_exists);
  const auto second = shard.start("t", "w");
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(second->run, first);
  const auto started = std::get<RunStarted>(shard.events(second->run).front().body);
  EXPECT_EQ(started.first_run, first);
}

TEST(ShardRequests, AKeyedStartAppliesOnceWhateverIsInMemory) {
  ShardDriver shard(catalog_of(&gate));
  const auto first = shard.start("t", "w", key("k", "body"));
  const auto again = shard.start("t", "w", key("k", "body"));
  EXPECT_EQ(again->run, first->run);
  EXPECT_TRUE(again->repeated);
  shard.restart();
  const auto later = shard.start("t", "w", key("k", "body"));
  EXPECT_EQ(later->run, first->run);
  EXPECT_EQ(later->started_at, first->started_at);
  EXPECT_EQ(shard.start("t", "w", key("k", "other body")).error().code, Errc::key_reused);
}

TEST(ShardRequests, TwoKeyedStartsInOneStepAreOneRun) {
  ShardDriver shard(catalog_of(&gate));
  StartInput one = shard.start_input("t", "w", key("k", "body"));
  StartInput other = shard.start_input("t", "w", key("k", "body"));
  const RequestId ids[] = {one.id, other.id};
  std::vector<Input> inputs;
  inputs.emplace_back(std::move(one));
  inputs.emplace_back(std::move(other));
  shard.step(std::move(inputs));
  shard.settle();
  const auto first = std::get<StartAnswer>(shard.reply(ids[0])->value());
  const auto second = std::get<StartAnswer>(shard.reply(ids[1])->value());
  EXPECT_EQ(first.run, second.run);
  EXPECT_TRUE(second.repeated);
}

TEST(ShardRequests, AKeyIsRememberedWhileItsRunIsNotYetDurable) {
  ShardDriver shard(catalog_of(&gate));
  StartInput first = shard.start_input("t", "w", key("k", "body"));
  std::vector<Input> inputs;
  inputs.emplace_back(std::move(first));
  shard.step(std::move(inputs));
  shard.answer_read();  // the key; now its id is looked up
  inputs.clear();
  inputs.emplace_back(shard.start_input("t", "other"));
  shard.step(std::move(inputs));
  shard.fail_read();    // the look-up of w fails: its start is refused
  shard.answer_read();  // the other one's succeeds: a batch
  StartInput second = shard.start_input("t", "w", key("k", "body"));
  const RequestId second_id = second.id;
  inputs.clear();
  inputs.emplace_back(std::move(second));
  shard.step(std::move(inputs));
  shard.answer_read();  // the id of w: this start's batch follows
  shard.commit();       // of the other one only
  StartInput third = shard.start_input("t", "w", key("k", "body"));
  const RequestId third_id = third.id;
  shard.give(std::move(third));
  EXPECT_EQ(std::get<StartAnswer>(shard.reply(third_id)->value()).run,
            std::get<StartAnswer>(shard.reply(second_id)->value()).run);
}

TEST(ShardRequests, ASignalIsAcceptedAndActedOnInOneRecord) {
  ShardDriver shard(catalog_of(&gate));
  const RunId run = shard.start("t", "w")->run;
  EXPECT_EQ(shard.signal("w", "go")->sequence, Sequence(2));
  EXPECT_EQ(shard.signal("w", "go")->sequence, Sequence(3));
  EXPECT_EQ(shard.kinds(run),
            (Kinds{"run_started", "signal_received", "signal_received", "run_completed"}));
  EXPECT_EQ(shard.rows(Table::record), 3U);
}

TEST(ShardRequests, AKeyedSignalAppliesOnceEvenAfterTheEnd) {
  ShardDriver shard(catalog_of(&gate));
  const RunId run = shard.start("t", "w")->run;
  const auto first = shard.signal("w", "go", key("s", "body"));
  const auto again = shard.signal("w", "go", key("s", "body"));
  EXPECT_EQ(again->sequence, first->sequence);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(shard.signal("w", "go", key("s", "other")).error().code, Errc::key_reused);
  shard.signal("w", "go");
  shard.restart();
  EXPECT_TRUE(shard.signal("w", "go", key("s", "body"))->repeated);
  EXPECT_EQ(shard.signal("w", "go").error().code, Errc::conflict);
  EXPECT_EQ(shard.kinds(run).size(), 4U);
}

TEST(ShardRequests, MoreSignalsThanARecordHoldsInOneStepAreAllAnsweredWithTheirOwnEvent) {
  ShardDriver shard(catalog_of(&gate), {.inputs_per_record_max = 2});
  const RunId run = shard.start("t", "w")->run;
  std::vector<Input> inputs;
  std::vector<RequestId> ids;
  for (int i = 0; i < 5; ++i) {
    inputs.emplace_back(shard.signal_input("w", "go"));
    ids.push_back(std::get<SignalInput>(inputs.back()).id);
  }
  shard.step(std::move(inputs));
  shard.settle();
  EXPECT_EQ(std::get<SignalAnswer>(shard.reply(ids[0])->value()).sequence, Sequence(2));
  EXPECT_EQ(std::get<SignalAnswer>(shard.reply(ids[1])->value()).sequence, Sequence(3));
  for (std::size_t i = 2; i < 5; ++i)  // the run ended with the second one
    EXPECT_EQ(shard.reply(ids[i])->error().code, Errc::conflict);
  EXPECT_EQ(shard.kinds(run).back(), "run_completed");
}

TEST(ShardRequests, WhatNobodyStartedIsNotFound) {
  ShardDriver shard(catalog_of(&gate));
  EXPECT_EQ(shard.signal("nobody", "go").error().code, Errc::not_found);
  EXPECT_EQ(shard.cancel("nobody").error().code, Errc::not_found);
  EXPECT_EQ(shard.describe("nobody").error().code, Errc::not_found);
  const RunId run = shard.start("t", "w")->run;
  shard.start("t", "v");
  SignalInput input = shard.signal_input("v", "go");
  input.request.run = run;
  const RequestId id = input.id;
  shard.give(std::move(input));
  EXPECT_EQ(shard.reply(id)->error().code, Errc::not_found) << "a run of another workflow";
  EXPECT_EQ(shard.signal("v", "").error().code, Errc::invalid_argument);
}

TEST(ShardRequests, ACancellationIsAcceptedOnce) {
  ShardDriver shard(catalog_of(&gate));
  const RunId run = shard.start("t", "w")->run;
  EXPECT_FALSE(shard.cancel("w")->repeated);
  EXPECT_EQ(shard.cancel("w").error().code, Errc::conflict) << "it has ended";
  EXPECT_EQ(shard.kinds(run), (Kinds{"run_started", "cancel_requested", "run_cancelled"}));
}

TEST(ShardRequests, AQuerySeesTheInputsOfItsOwnStep) {
  ShardDriver shard(catalog_of(&gate));
  shard.start("t", "w");
  std::vector<Input> inputs;
  inputs.emplace_back(shard.signal_input("w", "go"));
  const RequestId id(500);
  inputs.emplace_back(QueryInput{id, {WorkflowId("w"), {}, "taken", {}}});
  shard.step(std::move(inputs));
  EXPECT_FALSE(shard.reply(id).has_value()) << "what it saw is not durable yet";
  shard.settle();
  EXPECT_EQ(std::get<Payload>(shard.reply(id)->value()).bytes, "1");
}

TEST(ShardRequests, ARunOutOfMemoryAnswersAsBefore) {
  ShardDriver shard(catalog_of(&gate));
  shard.start("t", "w");
  shard.signal("w", "go");
  shard.evict();
  EXPECT_EQ(shard.shard().runs_cached(), 0U);
  EXPECT_EQ(shard.query("w", "taken")->bytes, "1");
  const RunDescription description = shard.describe("w").value();
  EXPECT_EQ(description.view.status, RunStatus::running);
  EXPECT_EQ(description.inputs_pending, 0U);
}

TEST(ShardRequests, RequestsThatWaitForALoadAreBounded) {
  ShardDriver shard(catalog_of(&gate), {.waiting_max = 3});
  std::vector<Input> inputs;
  for (int i = 0; i < 10; ++i) inputs.emplace_back(shard.signal_input("w", "go"));
  shard.step(std::move(inputs));
  int overloaded = 0;
  for (const Reply& reply : shard.actions<Reply>())
    overloaded += !reply.answer && reply.answer.error().code == Errc::overloaded ? 1 : 0;
  EXPECT_EQ(overloaded, 7);
}

TEST(ShardRequests, SignalsThatNobodyTakesAreBounded) {
  const auto deaf = +[](Context ctx, Word) -> Workflow<Word> {
    co_await ctx.sleep(seconds(1));
    throw std::logic_error("parks here");
  };
  ShardDriver shard(catalog_of(deaf), {.pending_inputs_max = 3});
  shard.start("t", "w");
  shard.advance(seconds(2));
  shard.settle();
  int accepted = 0;
  while (shard.signal("w", "go").has_value()) ++accepted;
  EXPECT_EQ(accepted, 2) << "the fired timer waits as well";
  EXPECT_EQ(shard.signal("w", "go").error().code, Errc::limit_exceeded);
}

}  // namespace
}  // namespace reprise
