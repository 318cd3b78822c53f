// is_passing: an error not of what was asked for, but of what stands between. The same may be asked
// again, and may succeed.
#pragma once

#include "base/result.hpp"

namespace reprise {

[[nodiscard]] inline bool is_passing(const Error& error) noexcept {
  return error.code == Errc::io || error.code == Errc::overloaded ||
         error.code == Errc::unavailable;
}

}  // namespace reprise
