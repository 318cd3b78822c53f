// Workflows started and awaited by coroutines on the engine's own threads.
#pragma once

#include "engine/runtime/engine.hpp"
#include "tools/bench/workload.hpp"

namespace reprise {

// `concurrency` loops, each: start a workflow, await its result, again, for `time`.
Measured measure_in_process(Engine& engine, const Workload& workload, std::size_t concurrency,
                            Duration time);

}  // namespace reprise
