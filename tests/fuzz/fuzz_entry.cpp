// libFuzzer's way into a target.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  reprise::fuzz({reinterpret_cast<const char*>(bytes), count});
  return 0;
}
