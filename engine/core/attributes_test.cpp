// Search attributes and memo: given at the start, changed by the code, carried on, kept in bounds.
#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/play.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using testing::catalog_of;
using testing::Play;
using testing::ShardDriver;
using testing::Texts;
using testing::Word;

// "set NAME VALUE", "drop NAME", "next", "read", anything else ends it.
Workflow<Word> labelled(Context ctx, Word) {
  while (true) {
    const Word order = co_await ctx.signal<Word>("do");
    const std::string verb = order.text.substr(0, order.text.find(' '));
    const std::string name = order.text.substr(std::min(order.text.size(), verb.size() + 1));
    if (verb == "set")
      ctx.upsert({{name, std::string("new")}});
    else if (verb == "drop")
      ctx.upsert({{name, std::nullopt}});
    else if (verb == "next")
      ctx.continue_as_new(Word{});
    else
      break;
  }
  std::string names = ctx.memo().bytes;
  for (const auto& [name, value] : ctx.attributes()) names += "," + name;
  co_return Word{names};
}

struct Labelled {
  Labelled() : shard(catalog_of(&labelled)) {
    StartInput start = shard.start_input("t", "w");
    start.request.labels =
        RunLabels{{{"customer", std::string("acme")}, {"items", std::int64_t{3}}}, {"\"memo\""}};
    EXPECT_TRUE(shard.start(std::move(start)).has_value());
  }
  void order(const std::string& what) {
    SignalInput signal = shard.signal_input("w", "do");
    signal.request.payload = Payload{what};
    shard.give(std::move(signal));
  }
  ShardDriver shard;
};

TEST(Attributes, OfTheStartStandInTheView) {
  Labelled run;
  const RunDescription description = *run.shard.describe("w");
  EXPECT_EQ(description.view.attributes,
            (Attributes{{"customer", std::string("acme")}, {"items", std::int64_t{3}}}));
  EXPECT_EQ(description.memo.bytes, "\"memo\"");
}

TEST(Attributes, AreChangedByTheCodeAndComeBackWithTheHistory) {
  Labelled run;
  run.order("set stage");
  run.order("drop items");
  const Attributes now{{"customer", std::string("acme")}, {"stage", std::string("new")}};
  EXPECT_EQ(run.shard.describe("w")->view.attributes, now);
  run.shard.restart();
  EXPECT_EQ(run.shard.describe("w")->view.attributes, now);
  EXPECT_FALSE(run.shard.describe("w")->parked.has_value());
}

TEST(Attributes, AndMemoGoOnWithTheRunThatContinues) {
  Labelled run;
  run.order("set stage");
  run.order("next");
  EXPECT_EQ(run.shard.describe("w")->memo.bytes, "\"memo\"");
  run.order("end");
  const RunDescription ended = *run.shard.describe("w");
  EXPECT_EQ(run.shard.events(ended.view.run).back().body,
            EventBody(RunCompleted{{"\"memo\",customer,items,stage"}}));
}

TEST(Attributes, OverTheirBoundsRefuseTheStartByName) {
  ShardDriver shard(catalog_of(&labelled));
  const auto refusal = [&](RunLabels labels) {
    StartInput start = shard.start_input("t", "w");
    start.request.labels = std::move(labels);
    const auto answer = shard.start(std::move(start));
    return answer ? std::string("accepted") : answer.error().field;
  };
  EXPECT_EQ(refusal({{{"1st", true}}, {}}), "attributes.1st");
  EXPECT_EQ(refusal({{{"big", std::string(kAttributesBytesMax, 'x')}}, {}}), "attributes.big");
  EXPECT_EQ(refusal({{}, {std::string(kMemoBytesMax + 1, 'x')}}), "memo");
  RunLabels many;
  for (std::size_t i = 0; i <= kAttributesMax; ++i)
    many.attributes.emplace("a" + std::to_string(i), false);
  EXPECT_EQ(refusal(std::move(many)), "attributes");
  EXPECT_EQ(refusal({{{"fine", 1.5}}, {}}), "accepted");
}

Workflow<Word> greedy(Context ctx, Word) {
  ctx.upsert({{"big", std::string(kAttributesBytesMax, 'x')}});
  co_return Word{};
}

TEST(Attributes, OverTheirBoundsInTheCodeParkTheRun) {
  Play play(define("t", &greedy));
  EXPECT_EQ(play.start(), (Texts{"parked"}));
  EXPECT_NE(play.parked().find("at most 1024 bytes together"), std::string::npos) << play.parked();
}

}  // namespace
}  // namespace reprise
