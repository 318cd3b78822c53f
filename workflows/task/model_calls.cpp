#include "workflows/task/model_calls.hpp"

#include <array>
#include <chrono>

namespace reprise {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct StageTime {
  std::string_view stage;
  Duration start_to_close;
};

constexpr std::array<StageTime, 8> kTimes = {{
    {"analysis", minutes(2)},
    {"selection", minutes(1)},
    {"decomposition", minutes(3)},
    {"execution", minutes(15)},
    {"review", minutes(5)},
    {"coordination", minutes(5)},
    {"synthesis", minutes(10)},
    {"final_review", minutes(3)},
}};

}  // namespace

ActivityOptions options_of(std::string_view stage, const std::string& provider) {
  ActivityOptions options;
  for (const StageTime& time : kTimes)
    if (time.stage == stage) options.start_to_close = time.start_to_close;
  options.timeout_growth_percent = 150;
  options.provider = provider;
  // 1, 2, 4, 8, 16 s, or what the provider asks for.
  options.retry.initial = seconds(1);
  options.retry.coefficient_percent = 200;
  options.retry.attempts_max = 6;
  return options;
}

void count(ModelUsage& usage, const ModelAnswer& answer) {
  ++usage.calls;
  usage.input_tokens += answer.input_tokens;
  usage.output_tokens += answer.output_tokens;
  usage.simulated = usage.simulated || answer.simulated;
}

}  // namespace reprise
