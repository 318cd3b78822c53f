// What a receiver of callbacks is sent: a run's view and its end, as `GET …/result` shows it.
//
// Guarantees: at most about a MiB: a result above that is left out, and result_omitted is true.
// Thread:     any executor that runs one thing at a time.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "engine/runtime/engine.hpp"

namespace reprise::api {

boost::asio::awaitable<Result<std::string>> callback_body(Engine& engine, WorkflowId workflow,
                                                          RunId run);

}  // namespace reprise::api
