// DurableFloor: the last group that is known to be on disk, kept outside the log itself.
//
// Guarantees: a log that ends below the floor has lost acknowledged groups, and start-up refuses it:
//             the last write-ahead log cut in half opens without a word in any mode of RocksDB.
//             A write that tears leaves the floor before it.
// Layout:     two slots, 4096 bytes apart so that no sector holds both, written in turn:
//             magic(8) group number(8, big endian) group digest(16) digest of the 32 before(16).
// Thread:     one at a time (the committer role).
// Errors:     corrupt (neither slot is whole), io.        Why: ADR-0005.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "storage/posix_file.hpp"

namespace reprise {

struct FloorMark {
  GroupNumber group;
  Digest digest;  // of that group's record
  friend bool operator==(const FloorMark&, const FloorMark&) = default;
};

class DurableFloor {
 public:
  static constexpr std::size_t kSlotBytes = 48;
  static constexpr std::size_t kSlotDistance = 4096;

  // Reads the floor at `path`. Nothing there: no mark until the first write. A served store is given
  // one when it is made, so that a floor that is missing is damage.
  static Result<DurableFloor> open(std::filesystem::path path);

  // As open(), for one who only reads: it is never raised.
  static Result<DurableFloor> open_read_only(std::filesystem::path path);

  [[nodiscard]] const std::optional<FloorMark>& mark() const { return mark_; }

  // True: one slot was damaged, or torn by a crash, when it was opened. The other one is the mark;
  // the next raise mends it.
  [[nodiscard]] bool has_damaged_slot() const { return has_damaged_slot_; }

  // Raises the floor to `mark`, which must be durable and not below the present one. When this
  // fails the floor before it still stands. To the present one: then both slots hold it.
  Result<> raise(const FloorMark& mark);

  // Sets the floor at `path` whatever is there, even lower: for restore and salvage.
  static Result<> reset(const std::filesystem::path& path, const FloorMark& mark);

 private:
  explicit DurableFloor(std::filesystem::path path) : path_(std::move(path)) {}
  Result<> load(int flags);

  std::filesystem::path path_;
  std::optional<PosixFile> file_;  // nothing until the first mark
  std::optional<FloorMark> mark_;
  std::size_t slot_ = 0;  // the one that holds `mark_`
  bool has_damaged_slot_ = false;
};

}  // namespace reprise
