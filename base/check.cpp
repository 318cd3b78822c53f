#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace reprise {

void check_failed(const char* file, int line, const char* claim,
                  std::string_view message) noexcept {
  std::fprintf(stderr, "%s:%d: CHECK(%s) failed: %.*s\n", file, line, claim,
               static_cast<int>(message.size()), message.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace reprise
