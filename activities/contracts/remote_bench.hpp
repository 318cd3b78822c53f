// Steps that remote workers do, and the input of the workflow type bench.remote, which runs n of them
// on a queue.
//
// Units: milliseconds; 0 for a timeout: none.
#pragma once

#include "activities/contracts/json_shape.hpp"
#include "engine/author/contract.hpp"

namespace reprise {

struct RemoteBenchInput {
  std::string queue;
  std::uint32_t n = 1;
  std::uint32_t work_ms = 0;  // that a worker takes for a step
  std::uint32_t heartbeat_ms = 0;
  std::uint32_t start_to_close_ms = 120'000;
  std::uint32_t schedule_to_start_ms = 0;
  std::uint32_t schedule_to_close_ms = 0;
  bool here = false;  // this process does it, within the limits of the queue

  static void fields(auto& codec, auto& self) {
    constexpr std::uint32_t kDayMs = 86'400'000;
    codec("queue", self.queue, Text{.min = 1, .max = 200});
    codec("n", self.n, Whole{.min = 1, .max = 1000, .otherwise = 1});
    codec("work_ms", self.work_ms, Whole{.max = kDayMs});
    codec("heartbeat_ms", self.heartbeat_ms, Whole{.max = kDayMs});
    codec("start_to_close_ms", self.start_to_close_ms,
          Whole{.min = 1, .max = kDayMs, .otherwise = 120'000});
    codec("schedule_to_start_ms", self.schedule_to_start_ms, Whole{.max = kDayMs});
    codec("schedule_to_close_ms", self.schedule_to_close_ms, Whole{.max = kDayMs});
    codec("here", self.here);
  }
};

struct RemoteStepInput {
  std::uint32_t i = 0;
  std::uint32_t work_ms = 0;

  static void fields(auto& codec, auto& self) {
    codec("i", self.i);
    codec("work_ms", self.work_ms);
  }
};

struct RemoteStepDone {
  std::uint32_t i = 0;

  static void fields(auto& codec, auto& self) { codec("i", self.i); }
};

struct RemoteStep {
  static constexpr std::string_view kName = "bench.remote_step";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = RemoteStepInput;
  using Output = RemoteStepDone;
};

}  // namespace reprise
