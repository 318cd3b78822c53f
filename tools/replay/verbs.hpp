// The verbs of reprise-replay: each prints to stdout and says how it went.
//
//   0 all is well    1 something differs or is damaged    3 the data cannot be read
// A warning is no fault: what it tells of has lost nothing.
#pragma once

#include <string>
#include <vector>

#include "tools/replay/stored.hpp"

namespace reprise {

enum class Output : bool { text, json };
enum ExitStatus : int { kExitOk = 0, kExitFault = 1, kExitUsage = 2, kExitUnreadable = 3 };

int list_runs(const Stored& stored, Output output);
// The run's events as a timeline.
int show_run(const Stored& stored, const std::string& run, Output output);
// One run, or everything there is when `run` is empty.
int verify(const Stored& stored, const std::string& run, Output output);
// Runs the code of this build against the log and prints the first difference.
int run_again(const Stored& stored, const std::string& run, Output output);

// Prints the error to stderr.
int unreadable(const Error& error);

}  // namespace reprise
