#include "workflows/bench/bench_workflows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workflows/testing/run_story.hpp"

namespace reprise {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RunStory;

const WorkflowType& type(std::string_view name) {
  static const Catalog* const kCatalog = [] {
    auto* catalog = new Catalog;
    register_bench(*catalog);
    return catalog;
  }();
  return *kCatalog->find(name);
}

std::string refused_field(std::string_view name, std::string input) {
  const Result<> result = type(name).definition.check(Payload{std::move(input)});
  return result ? "accepted" : result.error().field;
}

TEST(BenchWorkflows, AChainIsOneStepAfterTheOther) {
  RunStory story(type("bench.chain"), R"({"n":3})");
  for (int i = 1; i <= 3; ++i) {
    ASSERT_EQ(story.open().size(), 1U);
    story.answer("bench.step", story.input_of("bench.step"));
  }
  EXPECT_EQ(story.result(), R"({"i":3})");
  EXPECT_TRUE(story.verify_replay());
}

TEST(BenchWorkflows, AFanoutIsAllStepsAtOnce) {
  RunStory story(type("bench.fanout"), R"({"n":1000})");
  EXPECT_EQ(story.open().size(), 1000U);
  while (!story.open().empty()) story.answer("bench.step", R"({"i":1})");
  EXPECT_EQ(story.result(), R"({"i":1000})");
}

TEST(BenchWorkflows, ASleeperEndsWithItsTimer) {
  RunStory story(type("bench.sleeper"), R"({"ms":5})");
  EXPECT_FALSE(story.result());
  story.fire_timer();
  EXPECT_EQ(story.result(), R"({"i":1})");
}

TEST(BenchWorkflows, SignalsAreCountedUntilTheLast) {
  RunStory story(type("bench.signals"), R"({"count":2})");
  story.signal("signal", "1").signal("signal", R"({"a":2})");
  EXPECT_EQ(story.result(), R"({"i":2})");
  EXPECT_EQ(story.view(), R"({"count":2,"last":["1","{\"a\":2}"]})");
  EXPECT_TRUE(story.verify_replay());
}

TEST(BenchWorkflows, SignalsEndAtTheEndSignal) {
  RunStory story(type("bench.signals"), "{}");
  story.signal("signal", "1").signal("end", "");
  EXPECT_EQ(story.result(), R"({"i":1})");
}

TEST(BenchWorkflows, ARegisterAnswersEachUpdateWithWhatItHoldsOrHeld) {
  RunStory story(type("bench.register"), R"({"i":5})");
  const auto update = [&](const std::string& id, const std::string& name,
                          const std::string& input) {
    story.update(id, name, input);
    for (const Event& event : story.events())
      if (const auto* done = std::get_if<UpdateCompleted>(&event.body))
        if (std::get<UpdateAccepted>(story.events()[done->update.value() - 1].body).id == id)
          return done->result.bytes;
    return std::string("no answer");
  };
  story.signal("add", R"({"i":2})");
  EXPECT_EQ(update("a", "add", R"({"i":3})"), R"({"i":10})");
  EXPECT_EQ(update("b", "swap", R"({"i":1})"), R"({"i":10})");
  EXPECT_EQ(update("c", "close", ""), R"({"i":1})");
  EXPECT_EQ(story.result(), R"({"i":1})");
  EXPECT_TRUE(story.verify_replay());
}

TEST(BenchWorkflows, TheSignalsViewIsBoundedWhateverTheyHold) {
  RunStory story(type("bench.signals"), "");
  for (int i = 0; i < 100; ++i) story.signal("signal", std::string(1000, static_cast<char>(i)));
  EXPECT_LE(story.view().size(), kCustomViewBytesMax);
  EXPECT_THAT(story.view(), HasSubstr(R"("count":100)"));
}

TEST(BenchWorkflows, InputsAreStrictAndNameTheField) {
  EXPECT_EQ(refused_field("bench.chain", R"({"n":10000})"), "accepted");
  EXPECT_EQ(refused_field("bench.chain", R"({"n":10001})"), "n");
  EXPECT_EQ(refused_field("bench.chain", R"({"n":0})"), "n");
  EXPECT_EQ(refused_field("bench.chain", "{}"), "n");
  EXPECT_EQ(refused_field("bench.chain", ""), "n");
  EXPECT_EQ(refused_field("bench.chain", R"({"m":1})"), "m");
  EXPECT_EQ(refused_field("bench.fanout", R"({"n":1001})"), "n");
  EXPECT_EQ(refused_field("bench.sleeper", R"({"ms":-1})"), "ms");
  EXPECT_EQ(refused_field("bench.signals", R"({"count":0})"), "count");
  EXPECT_EQ(refused_field("bench.signals", "{}"), "accepted");
  EXPECT_EQ(refused_field("bench.signals", ""), "accepted");
}

}  // namespace
}  // namespace reprise
