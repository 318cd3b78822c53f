#include "engine/author/workflow.hpp"

#include <fmt/format.h>

namespace reprise {

std::string Context::uuid(std::string_view name) const {
  const std::uint64_t high = (random(name) & ~0xF000ULL) | 0x8000ULL;
  const std::uint64_t low = (random(name) & ~(3ULL << 62)) | (2ULL << 62);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xFFFF,
                     high & 0xFFFF, low >> 48, low & 0xFFFFFFFFFFFFULL);
}

}  // namespace reprise
