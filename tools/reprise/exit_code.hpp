// ExitCode: how the binary `reprise` ends; scripts branch on it.
//
// Guarantees: the numbers are part of the interface: documented in docs/cli.md, never reused.
#pragma once

namespace reprise::cli {

enum class ExitCode : int {
  ok = 0,
  refused = 1,        // the server said no, or that it is not well; what it said has been printed
  usage = 2,          // the command line is wrong; nothing was sent
  unreachable = 3,    // no answer from the server: nothing is known about the request
  failed = 4,         // the task or the workflow failed or was cancelled
  still_running = 5,  // the time given with --wait is over
  log_failed = 70,    // serve: the disk refused a write; start it again, recovery reads the log
  cannot_serve = 71,  // serve: the store or the address could not be opened
};

constexpr int to_status(ExitCode code) { return static_cast<int>(code); }

}  // namespace reprise::cli
