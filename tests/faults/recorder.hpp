// Recorder: a data folder on a disk that writes down what is done to it.
//
// Guarantees: every operation of the event log and of the durable floor is in the recording, in the
//             order in which the disk did them, until finish().
// Thread:     one at a time, and one Recorder in a process; what is opened on it may use many.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "storage/testing/faulty_file_system.hpp"
#include "storage/testing/posix_disk.hpp"
#include "tests/faults/recording.hpp"
#include "tests/faults/served_store.hpp"
#include "tests/faults/virtual_files.hpp"

namespace reprise::testing {

class Recorder {
 public:
  Recorder();
  // Goes on where the image left off: what it holds is a state of `states`.
  Recorder(const StoreImage& image, const StoreStates& states, const Ledger& ledger);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // A server on the folder; it must open.
  std::unique_ptr<ServedStore> serve(const ServedOptions& options = {});
  [[nodiscard]] FaultyFileSystem& files() { return *files_; }
  // Waits until the disk has done such an operation.
  void wait_for(const std::function<bool(const DiskOperation&)>& is_it);

  // Ends the recording. What is still open may close then, unseen.
  Recording finish();

 private:
  void note(const DiskOperation& operation);
  [[nodiscard]] Promise promise() const {
    return {.appends = states_.range(), .entries = ledger_.size()};
  }

  StoreStates states_;
  Ledger ledger_;
  StoreImage initial_;
  VirtualFiles virtual_files_;
  const std::shared_ptr<DiskModel> disk_ = std::make_shared<DiskModel>();
  const std::shared_ptr<FaultyFileSystem> files_;
  const std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<PosixDisk> posix_;
  std::mutex mutex_;  // guards entries_
  std::condition_variable noted_;
  std::vector<Recording::Entry> entries_;
};

}  // namespace reprise::testing
