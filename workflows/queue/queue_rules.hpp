// QueueRules of people: how many of a queue's attempts may be out at once, and how many may begin in a
// time; and what a queue's run remembers of them.
//
//   update  input                                           answer
//   set     {concurrency_max?, rate?: {count, per}, out?}   {version}: what is not given is not limited
// Guarantees: a state's version grows with each change, also over runs of the same queue.
// Units:      `per` a duration, "90s"; times in microseconds since 1970.
// Errors:     invalid_argument; `field` is the path: "rate.per".
// Why:        docs/adr/0018-a-queue-is-kept-by-a-run.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "activities/contracts/json_shape.hpp"
#include "base/time.hpp"

namespace reprise {

inline constexpr std::string_view kQueueType = "reprise.queue";
// The workflow id of a queue's run is this and the queue's name.
inline constexpr std::string_view kQueueIdPrefix = "queue_";

inline constexpr std::uint32_t kQueueConcurrencyMax = 1'000'000;
inline constexpr std::uint32_t kQueueRateCountMax = 100'000;
inline constexpr Duration kQueueRatePerMax = std::chrono::hours(1);

struct QueueRatePlan {
  std::uint32_t count = 0;
  std::string per;
  static void fields(auto& codec, auto& self) {
    codec("count", self.count, Whole{.min = 1, .max = kQueueRateCountMax, .otherwise = 0});
    codec("per", self.per, Text{.max = 40});
  }
  friend bool operator==(const QueueRatePlan&, const QueueRatePlan&) = default;
};

struct QueuePlan {
  std::uint32_t concurrency_max = 0;  // 0: no limit
  QueueRatePlan rate;                 // count 0: no limit
  static void fields(auto& codec, auto& self) {
    codec("concurrency_max", self.concurrency_max,
          Whole{.min = 1, .max = kQueueConcurrencyMax, .otherwise = 0});
    codec("rate", self.rate);
  }
  friend bool operator==(const QueuePlan&, const QueuePlan&) = default;
};
Result<> check(const QueuePlan& plan);
// Of a plan that has passed check().
Duration rate_period(const QueuePlan& plan);

// The input of "set".
struct QueueChange {
  QueuePlan plan;
  std::uint32_t out = 0;  // attempts that were out when the plan had come into force
  static void fields(auto& codec, auto& self) {
    QueuePlan::fields(codec, self.plan);
    codec("out", self.out);
  }
};

struct QueueAnswer {
  std::uint64_t version = 0;
  static void fields(auto& codec, auto& self) { codec("version", self.version); }
};

// The input of the workflow type, too: it travels from one run to the next.
struct QueueState {
  QueuePlan plan;
  std::uint32_t out = 0;  // when the plan came into force
  std::uint64_t version = 0;
  std::uint64_t changed_us = 0;

  void set(QueueChange change, UtcTime now);
  // So many attempts can be out at `now`, of those whose leases are a day long at most; nothing: the
  // plan does not limit them.
  [[nodiscard]] std::optional<std::uint32_t> out_max(UtcTime now) const;

  static void fields(auto& codec, auto& self) {
    codec("plan", self.plan);
    codec("out", self.out);
    codec("version", self.version);
    codec("changed_us", self.changed_us);
  }
};

}  // namespace reprise
