// WorkflowDefinition: a workflow type by name, its types erased, as the engine starts it.
//
// Guarantees: check() decodes the input without starting anything, so that a start with bad input
//             is refused before it is durable.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "engine/author/workflow.hpp"

namespace reprise {

struct WorkflowDefinition {
  std::string type;
  std::function<Workflow<Payload>(Context, Payload)> start;
  std::function<Result<>(const Payload&)> check;
};

namespace author_detail {

template <typename In, typename Out>
Workflow<Payload> erased(Workflow<Out> (*body)(Context, In), Context ctx, Payload payload) {
  In input{};
  if (Result<> ok = decode(payload, input); !ok)
    throw WorkflowFailure("bad_input", to_string(ok.error()));
  if constexpr (std::is_void_v<Out>) {
    co_await body(ctx, std::move(input));
    co_return Payload{};
  } else {
    co_return encode(co_await body(ctx, std::move(input)));
  }
}

}  // namespace author_detail

// define("task", &solve_task)
template <PayloadValue In, typename Out>
WorkflowDefinition define(std::string type, Workflow<Out> (*body)(Context, In)) {
  return {.type = std::move(type),
          .start =
              [body](Context ctx, Payload payload) {
                return author_detail::erased<In, Out>(body, ctx, std::move(payload));
              },
          .check = [](const Payload& payload) -> Result<> {
            In input{};
            return decode(payload, input);
          }};
}

}  // namespace reprise
