#include "storage/durable_floor.hpp"

#include <fcntl.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.hpp"
#include "storage/schema.hpp"

namespace reprise {
namespace {

constexpr std::string_view kMagic = "RPFLOOR1";
constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kCheckedBytes = DurableFloor::kSlotBytes - Digest::kBytes;
static_assert(kCheckedBytes == kMagic.size() + kNumberBytes + Digest::kBytes);

std::string encode_slot(const FloorMark& mark) {
  std::string slot(kMagic);
  append_big_endian(slot, mark.group.value(), kNumberBytes);
  slot += mark.digest.view();
  slot += digest_of(slot).view();
  return slot;
}

bool was_never_written(std::string_view slot) {
  return slot.size() == DurableFloor::kSlotBytes &&
         slot.find_first_not_of('\0') == std::string_view::npos;
}

// Nothing when the slot is torn, damaged or was never written.
std::optional<FloorMark> decode_slot(std::string_view slot) {
  if (slot.size() != DurableFloor::kSlotBytes || !slot.starts_with(kMagic)) return std::nullopt;
  if (digest_of(slot.substr(0, kCheckedBytes)).view() != slot.substr(kCheckedBytes))
    return std::nullopt;
  return FloorMark{
      .group = GroupNumber(read_big_endian(slot.substr(kMagic.size(), kNumberBytes))),
      .digest = Digest::from_bytes(slot.substr(kMagic.size() + kNumberBytes, Digest::kBytes))};
}

}  // namespace

Result<DurableFloor> DurableFloor::open(std::filesystem::path path) {
  DurableFloor floor(std::move(path));
  if (auto loaded = floor.load(O_RDWR); !loaded) return std::unexpected(std::move(loaded.error()));
  return floor;
}

Result<DurableFloor> DurableFloor::open_read_only(std::filesystem::path path) {
  DurableFloor floor(std::move(path));
  if (auto loaded = floor.load(O_RDONLY); !loaded)
    return std::unexpected(std::move(loaded.error()));
  return floor;
}

Result<> DurableFloor::load(int flags) {
  auto file = PosixFile::open(path_, flags);
  if (!file && file.error().code == Errc::not_found) return {};
  if (!file) return std::unexpected(std::move(file.error()));
  for (const std::size_t slot : {0U, 1U}) {
    const auto bytes = file->read_at(slot * kSlotDistance, kSlotBytes);
    if (!bytes) return std::unexpected(bytes.error());
    const auto mark = decode_slot(*bytes);
    has_damaged_slot_ |= !mark && !was_never_written(*bytes);
    if (!mark || (mark_ && mark_->group >= mark->group)) continue;
    mark_ = mark;
    slot_ = slot;
  }
  if (!mark_)
    return fail(Errc::corrupt, path_.string() +
                                   " is damaged in both slots: nothing says how far the log must "
                                   "reach; restore a backup");
  file_ = std::move(*file);
  return {};
}

Result<> DurableFloor::raise(const FloorMark& mark) {
  CHECK(!mark_ || mark.group >= mark_->group, "floor {} after {}", mark.group, mark_->group);
  if (!file_) {
    // The first mark creates the file whole, so that a file without a mark is always damage.
    if (auto written = reset(path_, mark); !written) return written;
    return load(O_RDWR);
  }
  const std::size_t slot = 1 - slot_;
  if (auto put = file_->write_at(slot * kSlotDistance, encode_slot(mark)); !put) return put;
  if (auto synced = file_->sync_data(); !synced) return synced;
  mark_ = mark;
  slot_ = slot;
  return {};
}

Result<> DurableFloor::reset(const std::filesystem::path& path, const FloorMark& mark) {
  std::string contents = encode_slot(mark);
  contents.resize(kSlotDistance + kSlotBytes, '\0');
  return replace_file_durably(path, contents);
}

}  // namespace reprise
