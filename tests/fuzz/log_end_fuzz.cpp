// A write-ahead log whose end is looked for.
#include <rocksdb/file_system.h>

#include <algorithm>

#include "base/check.hpp"
#include "storage/log_end.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace reprise {
namespace {

class Bytes final : public rocksdb::FSRandomAccessFile {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  rocksdb::IOStatus Read(std::uint64_t offset, std::size_t count, const rocksdb::IOOptions&,
                         rocksdb::Slice* result, char*, rocksdb::IODebugContext*) const override {
    const std::string_view found =
        bytes_.substr(std::min<std::size_t>(offset, bytes_.size()), count);
    *result = rocksdb::Slice(found.data(), found.size());
    return rocksdb::IOStatus::OK();
  }

 private:
  std::string_view bytes_;
};

LogEnd end_of(std::string_view log) {
  const auto end = find_log_end(Bytes(log), log.size());
  CHECK(end.has_value(), "{}", end.error().ToString());
  return *end;
}

}  // namespace

void fuzz(std::string_view input) {
  const LogEnd end = end_of(input);
  CHECK(end.bytes <= input.size(), "ends at {} of {}", end.bytes, input.size());
  if (end.damage) {
    CHECK(*end.damage < end.bytes, "damage at {} of {}", *end.damage, end.bytes);
    return;
  }
  const LogEnd again = end_of(input.substr(0, end.bytes));
  // Of a torn record there is one byte, and where that is a zero it looks like none.
  const bool is_lone_zero = again.bytes + 1 == end.bytes && input[again.bytes] == '\0';
  CHECK((again.bytes == end.bytes || is_lone_zero) && !again.damage, "{}, then {}", end.bytes,
        again.bytes);
}

}  // namespace reprise
