#include "tests/sim/sim_log.hpp"

#include <fmt/format.h>

#include "base/check.hpp"
#include "base/planted.hpp"
#include "tests/sim/group_frames.hpp"

namespace reprise::sim {
namespace {

Error unknown(const Error& error) { return {Errc::unknown_outcome, error.detail, {}}; }

}  // namespace

SimLog::SimLog() { CHECK(recover().has_value()); }

Result<> SimLog::append(std::string_view bytes, const DiskFault& fault) {
  DiskFault next = fault;
  while (!bytes.empty()) {
    const Result<std::size_t> taken = disk_.append(segment_, bytes, next);
    if (!taken) return std::unexpected(unknown(taken.error()));
    bytes.remove_prefix(*taken);
    next = {};
  }
  return {};
}

Result<> SimLog::begin(CommitPipeline::WriteGroup group, const DiskFault& fault) {
  CHECK(!group_, "two writes at a time");
  group_ = std::move(group);
  if (lost_ == group_->position.number) return {};
  return append(encode_frame(group_->position.number, group_->batches), fault);
}

Result<> SimLog::end(const DiskFault& fault) {
  if (!PLANTED(unsynced_append))
    if (const Result<> synced = disk_.sync(segment_, fault); !synced)
      return std::unexpected(unknown(synced.error()));
  if (lost_ != group_->position.number) CHECK(rows_->append(group_->batches).has_value());
  last_ = told_ = group_->position.number;
  group_.reset();
  return {};
}

Result<> SimLog::recover(const DiskFault& append_fault, const DiskFault& sync_fault) {
  group_.reset();
  rows_ = std::make_unique<MemoryLog>();
  last_ = GroupNumber();
  const testing::DiskImage segments = disk_.read();
  std::string behind_floor;
  for (const auto& [name, content] : segments) {
    FrameReader frames(content);
    while (std::optional<Frame> frame = frames.next()) {
      if (frame->number <= last_) continue;  // written again by a later life
      if (frame->number != last_.next())
        return fail(Errc::corrupt,
                    fmt::format("group {} is missing: {} has group {} behind group {}",
                                last_.next(), name, frame->number, last_));
      if (const Result<> applied = rows_->append(std::span(&frame->rows, 1)); !applied)
        return applied;
      last_ = frame->number;
      if (floor_.group < last_) behind_floor += frame->bytes;
    }
  }
  segment_ = fmt::format("{:06}.log", segments.size() + 1);
  disk_.create(segment_);
  if (!PLANTED(unsynced_recovery)) {
    if (Result<> written = append(behind_floor, append_fault); !written) return written;
    if (const Result<> synced = disk_.sync(segment_, sync_fault); !synced)
      return std::unexpected(unknown(synced.error()));
  }
  told_ = last_;
  return {};
}

void SimLog::lose_power(testing::Tail tail, std::uint64_t seed) { disk_.lose_power(tail, seed); }

SimLog SimLog::damaged(GroupNumber number, std::uint64_t seed) const {
  testing::DiskImage segments = disk_.read();
  for (auto& [name, content] : segments) {
    FrameReader frames(content);
    while (const std::optional<Frame> frame = frames.next()) {
      if (frame->number != number) continue;
      const auto from = static_cast<std::size_t>(frame->bytes.data() - content.data());
      char& byte = content[from + seed % frame->bytes.size()];
      byte = static_cast<char>(byte ^ 1);
      break;  // what follows cannot be read any more
    }
  }
  return SimLog(SimDisk(segments), floor_);
}

}  // namespace reprise::sim
