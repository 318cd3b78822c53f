// SimDisk: the files of one folder, on a disk that fails, fills up and loses power.
//
// Guarantees: what was synced stays, whatever happens. What was not stays as well while the power
//             does; a power loss leaves of it what storage/testing/disk_model.hpp says and the seed
//             chooses. After an error some of the bytes are there, or none.
// Errors:     io, of either kind.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "storage/testing/disk_model.hpp"

namespace reprise::sim {

// What goes wrong with an append or a sync.
struct DiskFault {
  enum class Kind : unsigned char {
    none,
    io,           // an error, after some of the bytes
    full,         // no room, after some of the bytes
    short_write,  // some of the bytes, and no error
  };
  Kind kind = Kind::none;
  std::uint64_t chance = 0;  // chooses how many bytes
};

class SimDisk {
 public:
  SimDisk() = default;
  explicit SimDisk(const testing::DiskImage& files);

  // Makes the file, empty; its name stays.
  void create(const std::string& file);
  // How many of the bytes were taken: all of them, but for a short write.
  Result<std::size_t> append(const std::string& file, std::string_view bytes,
                             const DiskFault& fault);
  Result<> sync(const std::string& file, const DiskFault& fault);

  // All files, as a reader sees them.
  [[nodiscard]] testing::DiskImage read() const;
  // True when something is written and not synced.
  [[nodiscard]] bool has_unsynced() const { return unsynced_; }
  void lose_power(testing::Tail tail, std::uint64_t seed);

 private:
  // Apart: the model has a lock, and stays where it is.
  std::unique_ptr<testing::DiskModel> model_ = std::make_unique<testing::DiskModel>();
  std::map<std::string, std::uint64_t> sizes_;
  bool unsynced_ = false;
};

}  // namespace reprise::sim
