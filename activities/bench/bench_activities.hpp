// Bench activities: the body of BenchStep, which returns its input at once.
#pragma once

#include "engine/runtime/activity.hpp"

namespace reprise {

void register_bench_activities(ActivityRegistry& registry);

}  // namespace reprise
