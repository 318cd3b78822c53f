// StoreImage: all files of a server's data folder, as bytes.
#pragma once

#include "storage/testing/disk_model.hpp"

namespace reprise::testing {

struct StoreImage {
  DiskImage beside;  // the durable floor, and drafts of it
  DiskImage log;     // the event log

  friend bool operator==(const StoreImage&, const StoreImage&) = default;
};

}  // namespace reprise::testing
