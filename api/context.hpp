// ApiContext: what every route works with. A value of a few pointers; what they point to outlives
// the server.
#pragma once

#include "api/server.hpp"
#include "base/time.hpp"
#include "engine/core/catalog.hpp"
#include "engine/runtime/engine.hpp"

namespace reprise::api {

struct ApiContext {
  Engine* engine = nullptr;
  const Catalog* catalog = nullptr;
  const ApiOptions* options = nullptr;
  const Clock* clock = &system_clock();
};

}  // namespace reprise::api
