#include "tests/sim/sim_disk.hpp"

namespace reprise::sim {
namespace {

using testing::DiskOperation;

const std::filesystem::path kFolder = "log";

}  // namespace

SimDisk::SimDisk(const testing::DiskImage& files) {
  model_->install(kFolder, files);
  for (const auto& [name, content] : files) sizes_[name] = content.size();
}

void SimDisk::create(const std::string& file) {
  model_->apply({.kind = DiskOperation::Kind::create, .path = kFolder / file});
  model_->apply({.kind = DiskOperation::Kind::sync_names, .path = kFolder});
  sizes_[file] = 0;
}

Result<std::size_t> SimDisk::append(const std::string& file, std::string_view bytes,
                                    const DiskFault& fault) {
  const bool whole = fault.kind == DiskFault::Kind::none;
  const std::size_t taken = whole ? bytes.size() : fault.chance % bytes.size();
  std::uint64_t& size = sizes_.at(file);
  if (taken > 0) {
    model_->apply(
        {.path = kFolder / file, .offset = size, .bytes = std::string(bytes.substr(0, taken))});
    size += taken;
    unsynced_ = true;
  }
  if (fault.kind == DiskFault::Kind::io) return fail(Errc::io, "injected: the append failed");
  if (fault.kind == DiskFault::Kind::full) return fail(Errc::io, "injected: the disk is full");
  return taken;
}

Result<> SimDisk::sync(const std::string& file, const DiskFault& fault) {
  if (fault.kind == DiskFault::Kind::io) return fail(Errc::io, "injected: the sync failed");
  if (fault.kind == DiskFault::Kind::full) return fail(Errc::io, "injected: the disk is full");
  model_->apply({.kind = DiskOperation::Kind::sync, .path = kFolder / file});
  unsynced_ = false;
  return {};
}

testing::DiskImage SimDisk::read() const {
  return model_->power_loss_image(kFolder, testing::Tail::kept);
}

void SimDisk::lose_power(testing::Tail tail, std::uint64_t seed) {
  *this = SimDisk(model_->power_loss_image(kFolder, tail, seed));
}

}  // namespace reprise::sim
