// A run is deleted: its shard forgets it, and never serves a part of it.
#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/play.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using testing::ShardDriver;
using testing::Word;
using testing::Work;

Workflow<Word> two_steps(Context ctx, Word word) {
  word = co_await ctx.run<Work>(word);
  co_return co_await ctx.run<Work>(word);
}

// Everything that the log has of a run, as one page.
DeleteInput deletion_of(ShardDriver& shard, const RunId& run, RequestId id = RequestId(9000)) {
  DeleteInput input{.id = id,
                    .request = {.workflow = WorkflowId("w"),
                                .run = run,
                                .owes_nothing = true,
                                .is_last = true,
                                .rows = {}}};
  const std::string prefix(run.bytes());
  const ScanRange range{.from = prefix, .to = prefix_end(prefix)};
  for (KeyValue& row : shard.log().scan(Table::record, range).value())
    input.request.rows.push_back({Table::record, std::move(row.key)});
  return input;
}

Result<Answer> deleted(ShardDriver& shard, DeleteInput input) {
  const RequestId id = input.id;
  shard.give(std::move(input));
  return shard.reply(id).value();
}

class Deletion : public ::testing::Test {
 protected:
  Deletion() : shard(testing::catalog_of(&two_steps)) { run = shard.start("t", "w")->run; }
  void finish() {
    shard.attempt_ends(1, Payload{"a"});
    shard.attempt_ends(2, Payload{"b"});
  }
  ShardDriver shard;
  RunId run;
};

TEST_F(Deletion, OfAnOpenRunIsRefused) {
  const Result<Answer> answer = deleted(shard, deletion_of(shard, run));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::conflict);
  EXPECT_TRUE(shard.describe("w").has_value());
}

TEST_F(Deletion, FreesTheIdBeforeTheLogSaysSo) {
  finish();
  ASSERT_TRUE(shard.describe("w").has_value());  // it is in memory
  shard.step({deletion_of(shard, run)});
  StartInput again = shard.start_input("t", "w", {}, IdReuse::reject);
  const RequestId id = again.id;
  shard.step({std::move(again)});
  EXPECT_EQ(shard.reads_open(), 0U) << "what the log still has is old";
  shard.settle();
  const auto answer = shard.reply(id);
  ASSERT_TRUE(answer && answer->has_value());
  EXPECT_NE(std::get<StartAnswer>(**answer).run, run);
}

TEST_F(Deletion, LeavesNothingButANote) {
  finish();
  ASSERT_TRUE(deleted(shard, deletion_of(shard, run)).has_value());
  for (const Table table : {Table::record, Table::view, Table::workflow, Table::busy, Table::wake})
    EXPECT_EQ(shard.rows(table), 0U) << to_string(table);
  EXPECT_EQ(shard.rows(Table::deleted), 1U);
  const Result<RunDescription> described = shard.describe("w");
  ASSERT_FALSE(described.has_value());
  EXPECT_EQ(described.error().code, Errc::not_found);
}

TEST_F(Deletion, OfARunThatIsNotInMemoryDoesNotLoadIt) {
  finish();
  shard.evict();
  shard.step({deletion_of(shard, run)});
  ASSERT_TRUE(shard.answer_read());  // the workflow's row
  EXPECT_EQ(shard.reads_open(), 0U);
  shard.settle();
  EXPECT_EQ(shard.rows(Table::record), 0U);
}

TEST_F(Deletion, FreesTheWorkflowIdForANewRun) {
  finish();
  ASSERT_TRUE(deleted(shard, deletion_of(shard, run)).has_value());
  const Result<StartAnswer> again = shard.start("t", "w", {}, IdReuse::reject);
  ASSERT_TRUE(again.has_value()) << to_string(again.error());
  EXPECT_NE(again->run, run);
}

TEST_F(Deletion, OfAnOlderRunLeavesTheLatest) {
  finish();
  shard.advance(std::chrono::seconds(1));
  const RunId later = shard.start("t", "w")->run;
  ASSERT_TRUE(deleted(shard, deletion_of(shard, run)).has_value());
  EXPECT_EQ(shard.describe("w")->view.run, later);
  EXPECT_EQ(shard.kinds(run).size(), 0U);
}

TEST_F(Deletion, ARunThatIsReadWhileItGoesIsNeverServedInPart) {
  finish();
  shard.evict();
  DeleteInput input = deletion_of(shard, run);
  input.request.rows.erase(input.request.rows.begin() + 1, input.request.rows.end());
  input.request.is_last = false;
  shard.step({std::move(input)});
  shard.answer_read();
  shard.step({DescribeInput{RequestId(9001), {.workflow = WorkflowId("w"), .run = run}}});
  shard.settle();
  const auto described = shard.reply(RequestId(9001));
  ASSERT_TRUE(described.has_value());
  ASSERT_FALSE(described->has_value());
  EXPECT_EQ(described->error().code, Errc::not_found);
}

}  // namespace
}  // namespace reprise
