#include "base/thread_name.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace reprise {

void name_this_thread(std::string name) noexcept {
  constexpr std::size_t kBytesMax = 15;
  if (name.size() > kBytesMax) name.resize(kBytesMax);
  pthread_setname_np(pthread_self(), name.c_str());
}

void run_behind_other_threads() noexcept {
  constexpr int kNice = 10;
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice));
}

}  // namespace reprise
