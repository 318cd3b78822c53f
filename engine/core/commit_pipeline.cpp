#include "engine/core/commit_pipeline.hpp"

#include <fmt/format.h>

#include "base/check.hpp"
#include "base/planted.hpp"

namespace reprise {

void CommitPipeline::submit(Submission submission) {
  BatchNumber& last = last_[submission.shard];
  CHECK(submission.number == last.next(), "shard {}: batch {} behind batch {}", submission.shard,
        submission.number, last);
  last = submission.number;
  bytes_waiting_ += submission.batch.bytes();
  waiting_.push_back(std::move(submission));
}

std::optional<CommitPipeline::WriteGroup> CommitPipeline::begin() {
  if (writing_ || failed_ || waiting_.empty()) return std::nullopt;
  WriteGroup out;
  out.batches.reserve(waiting_.size() + 1);
  Group group{.previous = tail_.hash};
  std::map<ShardIndex, BatchNumber> done;
  for (Submission& submission : waiting_) {
    if (PLANTED(lost_batch) && !out.batches.empty() && &submission == &waiting_.back()) continue;
    out.batches.push_back(std::move(submission.batch));
    group.entries.insert(group.entries.end(), submission.entries.begin(), submission.entries.end());
    done[submission.shard] = submission.number;
  }
  EncodedGroup encoded = encode_group(group);
  tail_ = {tail_.number.next(), encoded.hash};
  out.position = tail_;
  out.batches.emplace_back().put(Table::group, group_key(tail_.number), std::move(encoded.bytes));
  waiting_.clear();
  bytes_writing_ = std::exchange(bytes_waiting_, 0);
  writing_ = true;
  for (const auto& [shard, number] : done) writing_done_.push_back({shard, number});
  return out;
}

std::vector<CommitPipeline::Done> CommitPipeline::succeeded() {
  CHECK(writing_ && !failed_);
  writing_ = false;
  bytes_writing_ = 0;
  durable_ = tail_;
  return std::exchange(writing_done_, {});
}

void CommitPipeline::failed() {
  CHECK(writing_);
  failed_ = true;
}

Result<> GroupChain::check_floor(const std::optional<std::string>& bytes) const {
  if (position_.number == GroupNumber(0)) return {};
  const std::string damage = fmt::format("group {} was durable, and the log ", position_.number);
  if (!bytes)
    return fail(Errc::corrupt,
                damage + "does not hold it: acknowledged work is missing at its end");
  Result<DecodedGroup> group = decode_group(*bytes);
  if (!group) return fail(Errc::corrupt, damage + "holds it damaged: " + group.error().detail);
  if (group->hash != position_.hash)
    return fail(Errc::corrupt, damage + "holds another group in its place");
  return {};
}

Result<> GroupChain::follow(GroupNumber number, std::string_view bytes) {
  if (number != position_.number.next())
    return fail(Errc::corrupt, fmt::format("group {} is missing: group {} is followed by group {}",
                                           position_.number.next(), position_.number, number));
  Result<DecodedGroup> group = decode_group(bytes);
  if (!group)
    return fail(group.error().code, fmt::format("group {}: {}", number, group.error().detail));
  if (group->group.previous != position_.hash)
    return fail(Errc::corrupt,
                fmt::format("group {} does not follow group {}", number, position_.number));
  position_ = {number, group->hash};
  return {};
}

}  // namespace reprise
