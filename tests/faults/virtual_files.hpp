// VirtualFiles: a data folder whose event log lies in memory. The few bytes beside it are real files.
//
// Guarantees: nothing is left of it when it goes.
// Thread:     one at a time; what is opened on it, as its own comment says.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <memory>

#include "storage/data_dir.hpp"
#include "storage/testing/temporary_directory.hpp"
#include "tests/faults/store_image.hpp"

namespace reprise::testing {

class VirtualFiles {
 public:
  explicit VirtualFiles(const StoreImage& image = {});

  // Makes `image` all that there is. Nothing may be open.
  void install(const StoreImage& image);

  [[nodiscard]] const DataDir& data() const { return data_; }
  // Where the log lies.
  [[nodiscard]] std::shared_ptr<rocksdb::FileSystem> log_files() const;
  [[nodiscard]] rocksdb::Env& env() const { return *env_; }

 private:
  const TemporaryDirectory directory_;
  const DataDir data_{directory_.path()};
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace reprise::testing
