#include "base/thread_name.hpp"

#include <pthread.h>

namespace reprise {

void name_this_thread(std::string name) noexcept {
  constexpr std::size_t kBytesMax = 15;
  if (name.size() > kBytesMax) name.resize(kBytesMax);
  pthread_setname_np(pthread_self(), name.c_str());
}

}  // namespace reprise
