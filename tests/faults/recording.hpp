// Recording: everything that a stretch of a server's life did to its disk, so that the power can be cut
// behind each operation, as often as one likes, without living it again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/data_dir.hpp"
#include "storage/testing/disk_operation.hpp"
#include "tests/faults/ledger.hpp"
#include "tests/faults/store_image.hpp"
#include "tests/faults/store_states.hpp"

namespace reprise::testing {

// What must be found after a power cut at some moment.
struct Promise {
  StoreStates::Range appends;  // one of these states
  std::size_t entries = 0;     // of the ledger
  friend auto operator<=>(const Promise&, const Promise&) = default;
};

struct Recording {
  struct Entry {
    DiskOperation operation;
    Promise before;  // what was promised when the operation was done, and nothing that needs it
  };

  DataDir data;
  StoreImage initial;
  std::vector<Entry> entries;
  Promise last;  // behind the last entry
  std::shared_ptr<const StoreStates> states;
  std::shared_ptr<const Ledger> ledger;

  [[nodiscard]] const Promise& promise_before(std::size_t entry) const {
    return entry < entries.size() ? entries[entry].before : last;
  }
};

// A recording that is played back on a disk.
class Playback {
 public:
  explicit Playback(const Recording& recording, std::size_t position = 0);

  // Does the next operation; the next ones, up to `position`.
  void advance();
  void advance_to(std::size_t position);
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] bool at_end() const { return position_ == recording_.entries.size(); }
  // What a power cut leaves now.
  [[nodiscard]] StoreImage image(Tail tail, std::uint64_t seed) const;

 private:
  const Recording& recording_;
  DiskModel disk_;
  std::size_t position_ = 0;
};

}  // namespace reprise::testing
