// The workflow type "reprise.queue": a run that keeps the rules of one queue.
//
// Guarantees: the run's view is its QueueState as JSON, from its first change on. An update is answered
//             once the change is durable. It continues as new behind kQueueEventsMax events.
// Why:        docs/adr/0018-a-queue-is-kept-by-a-run.md.
#pragma once

#include "engine/author/workflow.hpp"
#include "engine/core/catalog.hpp"
#include "workflows/queue/queue_rules.hpp"

namespace reprise {

inline constexpr std::uint64_t kQueueEventsMax = 1'000;

Workflow<> keep_queue(Context ctx, QueueState state);

void register_queue(Catalog& catalog);

}  // namespace reprise
