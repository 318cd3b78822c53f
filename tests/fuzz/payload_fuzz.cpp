// Inputs and outcomes of workflows and activities: every shape that a payload may have.
#include "activities/contracts/bench.hpp"
#include "activities/contracts/stages.hpp"
#include "activities/contracts/task_request.hpp"
#include "activities/contracts/task_result.hpp"
#include "base/check.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "workflows/task/human_decision.hpp"

namespace reprise {
namespace {

template <typename T>
void read(std::string_view input) {
  T value{};
  if (!decode(Payload{std::string(input)}, value)) return;
  const Payload encoded = encode(value);
  T again{};
  const Result<> decoded = decode(encoded, again);
  CHECK(decoded.has_value(), "{}: {}", encoded.bytes, to_string(decoded.error()));
  CHECK(encode(again) == encoded, "{}", encoded.bytes);
}

template <typename... T>
void read_each(std::string_view input) {
  (read<T>(input), ...);
}

}  // namespace

void fuzz(std::string_view input) {
  read_each<BenchIndex, ChainInput, FanoutInput, SleeperInput, SignalsInput>(input);
  read_each<AnalysisInput, SelectionInput, DecompositionInput, ExecutionInput, ReviewInput,
            CoordinationInput, SynthesisInput, FinalReviewInput>(input);
  read_each<TaskRequest, TaskResult, ModelAnswer>(input);
  (void)read_decision(Payload{std::string(input)});
}

}  // namespace reprise
