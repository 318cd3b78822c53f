// A file of the durable floor: as it is, and with the right digests in its slots.
#include <fstream>

#include "base/check.hpp"
#include "storage/durable_floor.hpp"
#include "storage/testing/temporary_directory.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace reprise {
namespace {

void read(const std::string& bytes) {
  static const testing::TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "floor";
  std::ofstream(path, std::ios::binary) << bytes;
  const auto floor = DurableFloor::open_read_only(path);
  CHECK(!floor || floor->mark(), "a floor without a mark");
}

void seal(std::string& bytes, std::size_t slot) {
  constexpr std::size_t kChecked = DurableFloor::kSlotBytes - Digest::kBytes;
  if (bytes.size() < slot + DurableFloor::kSlotBytes) return;
  const Digest digest = digest_of(std::string_view(bytes).substr(slot, kChecked));
  bytes.replace(slot + kChecked, Digest::kBytes, digest.view());
}

}  // namespace

void fuzz(std::string_view input) {
  std::string bytes(input);
  read(bytes);
  seal(bytes, 0);
  seal(bytes, DurableFloor::kSlotDistance);
  read(bytes);
}

}  // namespace reprise
