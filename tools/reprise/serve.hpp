// serve: the composition root: opens the store, joins the floors, listens, and stops in order.
//
// Guarantees: on SIGINT or SIGTERM what was accepted is finished and durable before it returns ok; a
//             second signal ends the process at once, which is safe too.
// Errors:     cannot_serve: the store, the address or a provider's settings; nothing was served.
//             log_failed: the disk refused a write. The process ends without answering anyone, since
//             nobody knows what the disk holds; the next start reads it.
#pragma once

#include "tools/reprise/command_line.hpp"
#include "tools/reprise/exit_code.hpp"

namespace reprise::cli {

ExitCode serve(const Serve& options);

}  // namespace reprise::cli
