#include "engine/core/commit_pipeline.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace reprise {
namespace {

CommitPipeline::Submission batch(std::uint16_t shard, std::uint64_t number) {
  CommitPipeline::Submission submission{ShardIndex(shard), BatchNumber(number), {}, {}};
  submission.batch.put(Table::meta, "shard " + std::to_string(shard), std::to_string(number));
  submission.entries.push_back({RunId::make(UtcTime(), shard, number), Sequence(number), Digest()});
  return submission;
}

const Row& group_row(const CommitPipeline::WriteGroup& group) {
  return group.batches.back().rows().front();
}

TEST(CommitPipeline, WhatWaitsBecomesOneGroupAndTheNextGathersMeanwhile) {
  CommitPipeline pipeline(group_chain_start());
  EXPECT_FALSE(pipeline.begin().has_value());
  pipeline.submit(batch(0, 1));
  pipeline.submit(batch(1, 1));
  pipeline.submit(batch(0, 2));
  const auto first = pipeline.begin();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->batches.size(), 4U) << "three batches and the group record";
  EXPECT_EQ(first->position.number, GroupNumber(1));
  pipeline.submit(batch(1, 2));
  EXPECT_FALSE(pipeline.begin().has_value()) << "one write at a time";
  const auto done = pipeline.succeeded();
  ASSERT_EQ(done.size(), 2U);
  EXPECT_EQ(done[0].number, BatchNumber(2));
  EXPECT_EQ(done[1].number, BatchNumber(1));
  EXPECT_EQ(pipeline.durable(), first->position);
  const auto second = pipeline.begin();
  EXPECT_EQ(decode_group(group_row(*second).value)->group.previous, first->position.hash);
  pipeline.succeeded();
  EXPECT_TRUE(pipeline.idle());
  EXPECT_EQ(pipeline.bytes_in_flight(), 0U);
}

TEST(CommitPipeline, TheGroupRecordNamesEveryRecord) {
  CommitPipeline pipeline(group_chain_start());
  pipeline.submit(batch(3, 1));
  pipeline.submit(batch(5, 1));
  const auto group = pipeline.begin();
  const auto decoded = decode_group(group_row(*group).value);
  ASSERT_EQ(decoded->group.entries.size(), 2U);
  EXPECT_EQ(decoded->group.entries[1].run, RunId::make(UtcTime(), 5, 1));
  EXPECT_EQ(group_row(*group).key, group_key(GroupNumber(1)));
}

TEST(CommitPipeline, AfterAFailureNothingIsWritten) {
  CommitPipeline pipeline(group_chain_start());
  pipeline.submit(batch(0, 1));
  pipeline.begin();
  pipeline.submit(batch(0, 2));
  pipeline.failed();
  EXPECT_TRUE(pipeline.has_failed());
  EXPECT_FALSE(pipeline.begin().has_value());
  EXPECT_EQ(pipeline.durable(), group_chain_start());
}

TEST(CommitPipeline, AGapBetweenAShardsBatchesIsADefect) {
  CommitPipeline pipeline(group_chain_start());
  pipeline.submit(batch(0, 1));
  EXPECT_DEATH(pipeline.submit(batch(0, 3)), "shard 0: batch 3 behind batch 1");
}

RC_GTEST_PROP(CommitPipeline, AShardsBatchesAreDurableInTheirOrderAndEachOnce, ()) {
  CommitPipeline pipeline(group_chain_start());
  std::map<std::uint16_t, std::uint64_t> sent;
  std::map<std::uint16_t, std::uint64_t> done;
  std::map<std::string, int> written;
  bool writing = false;
  for (int i = 0; i < 60; ++i) {
    const int what = *rc::gen::inRange(0, 3);
    if (what == 0) {
      const auto shard = *rc::gen::inRange<std::uint16_t>(0, 3);
      pipeline.submit(batch(shard, ++sent[shard]));
    } else if (what == 1) {
      const auto group = pipeline.begin();
      if (!group) continue;
      RC_ASSERT(!writing);
      writing = true;
      for (const Batch& b : group->batches)
        for (const Row& row : b.rows()) ++written[row.key + "/" + row.value];
    } else if (writing) {
      writing = false;
      for (const auto& [shard, number] : pipeline.succeeded()) {
        RC_ASSERT(number.value() > done[shard.value()]);
        done[shard.value()] = number.value();
        for (std::uint64_t n = 1; n <= number.value(); ++n)
          RC_ASSERT(written["shard " + std::to_string(shard.value()) + "/" + std::to_string(n)] ==
                    1);
      }
    }
  }
}

// Three groups, as they stand in a log.
std::vector<EncodedGroup> chain_of_three() {
  std::vector<EncodedGroup> groups;
  Digest previous = group_chain_start().hash;
  for (int i = 0; i < 3; ++i) {
    groups.push_back(encode_group({.previous = previous, .entries = {}}));
    previous = groups.back().hash;
  }
  return groups;
}

TEST(GroupChain, ItFollowsTheGroupsAndFindsAGapASwapAndDamage) {
  const auto groups = chain_of_three();
  GroupChain chain;
  EXPECT_TRUE(chain.follow(GroupNumber(1), groups[0].bytes).has_value());
  EXPECT_EQ(chain.follow(GroupNumber(3), groups[2].bytes).error().code, Errc::corrupt);
  EXPECT_EQ(chain.follow(GroupNumber(2), groups[2].bytes).error().code, Errc::corrupt);
  std::string damaged = groups[1].bytes;
  damaged[5] = static_cast<char>(damaged[5] ^ 1);
  EXPECT_EQ(chain.follow(GroupNumber(2), damaged).error().code, Errc::corrupt);
  EXPECT_TRUE(chain.follow(GroupNumber(2), groups[1].bytes).has_value());
  EXPECT_EQ(chain.position(), (GroupPosition{GroupNumber(2), groups[1].hash}));
}

TEST(GroupChain, TheFloorMustBeThereAndBeTheSame) {
  const auto groups = chain_of_three();
  const GroupChain chain(GroupPosition{GroupNumber(2), groups[1].hash});
  EXPECT_TRUE(chain.check_floor(groups[1].bytes).has_value());
  EXPECT_EQ(chain.check_floor(std::nullopt).error().code, Errc::corrupt);
  EXPECT_EQ(chain.check_floor(groups[2].bytes).error().code, Errc::corrupt);
  EXPECT_EQ(chain.check_floor("nonsense").error().code, Errc::corrupt);
  EXPECT_TRUE(GroupChain().check_floor(std::nullopt).has_value()) << "nothing was ever durable";
}

}  // namespace
}  // namespace reprise
