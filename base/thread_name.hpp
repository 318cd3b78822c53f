// name_this_thread: what top -H, perf and a debugger call the calling thread.
#pragma once

#include <string>

namespace reprise {

// At most 15 bytes are kept, as the kernel does.
void name_this_thread(std::string name) noexcept;

}  // namespace reprise
