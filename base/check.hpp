// CHECK: a claim that only a defect of ours can break. Always on; never for input.
//
// Guarantees: when the claim is false, the message with the named values goes to stderr and the
//             process ends at once (abort): the log on disk stays what recovery expects.
// Example:    CHECK(next == last + 1, "shard {} batch {} after {}", shard, next, last);
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace reprise {

[[noreturn]] void check_failed(const char* file, int line, const char* claim,
                               std::string_view message) noexcept;

}  // namespace reprise

#define CHECK(claim, ...)                                                                 \
  do {                                                                                    \
    if (!(claim)) [[unlikely]]                                                            \
      ::reprise::check_failed(__FILE__, __LINE__, #claim, ::fmt::format("" __VA_ARGS__)); \
  } while (false)
