// The rules of queues between the runs that keep them and the engine that applies them.
//
// Errors: kept_queue_rules: those of Engine::views; corrupt when a run's state cannot be read.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "engine/runtime/engine.hpp"
#include "workflows/queue/queue_rules.hpp"

namespace reprise::api {

// Of a plan that has passed check().
QueueRules rules_of(const QueuePlan& plan);

// What the runs of all queues say, for Engine::resume_queues().
boost::asio::awaitable<Result<KeptQueueRules>> kept_queue_rules(Engine& engine, UtcTime now);

}  // namespace reprise::api
