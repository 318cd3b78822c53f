// What the system knows of the calling thread: its name, and that others come first.
#pragma once

#include <string>

namespace reprise {

// For top -H, perf and debuggers. At most 15 bytes are kept, as the kernel does.
void name_this_thread(std::string name) noexcept;

// It runs where the process's other threads leave time (nice 10). Where that cannot be set, as before.
void run_behind_other_threads() noexcept;

}  // namespace reprise
