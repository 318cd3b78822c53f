// PosixDisk: what this process does to the real files of one directory, noted by a DiskModel.
//
// A program that links it has its own open, pwrite, fdatasync, fsync and rename, which do what the
// system's do; so the code that is tried is the code that ships, down to the system call.
//
// Guarantees: each call on a file of the directory is noted, and counts as an operation of the disk,
//             from construction to destruction. Other calls, and other files, are left alone.
// Thread:     any; one PosixDisk at a time.
#pragma once

#include <filesystem>
#include <memory>

#include "storage/testing/disk_model.hpp"

namespace reprise::testing {

class PosixDisk {
 public:
  PosixDisk(std::filesystem::path dir, std::shared_ptr<DiskModel> disk);
  ~PosixDisk();
  PosixDisk(const PosixDisk&) = delete;
  PosixDisk& operator=(const PosixDisk&) = delete;

  [[nodiscard]] bool holds(const std::filesystem::path& path) const {
    return path.parent_path() == dir_;
  }
  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
  [[nodiscard]] DiskModel& disk() { return *disk_; }

 private:
  const std::filesystem::path dir_;
  const std::shared_ptr<DiskModel> disk_;
};

}  // namespace reprise::testing
