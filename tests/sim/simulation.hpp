// Simulation: one seed's world, from its first request to its last run's end.
//
//   setup   an empty log, a clock, callers, activities, the engine's first life
//   start   at least 500 requests, while everything goes wrong that the seed chooses; at least three
//           crashes, each followed by a check of the whole log
//   check   the faults stop: every run that should end ends, every request is answered, and the log
//           is checked once more
// Guarantees: a function of its options: the same seed gives the same trace hash.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "tests/sim/disk_faults.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/marks.hpp"
#include "tests/sim/script.hpp"
#include "tests/sim/sim_activities.hpp"
#include "tests/sim/sim_client.hpp"
#include "tests/sim/sim_process.hpp"
#include "tests/sim/sim_workers.hpp"
#include "tests/sim/sim_workflows.hpp"

namespace reprise::sim {

// Defects that a test plants, to see that the simulator finds them.
enum class Defect : std::uint8_t {
  none,
  lost_group,             // the log forgets a group that it said is durable
  early_acknowledgement,  // replies do not wait for the commit
  forgotten_key,          // a keyed signal is taken twice
  forged_result,          // what an activity answered is changed on its way
};

struct SimOptions {
  std::uint64_t seed = 1;
  bool verbose = false;
  int requests = 500;
  Defect defect = Defect::none;
  std::optional<Excerpt> excerpt{};  // nothing: all of the seed
  std::span<std::uint8_t> noted{};   // what was done in each tick: see script.hpp
};

struct SimReport {
  std::uint64_t seed = 0;
  Digest trace_hash;
  int requests = 0;
  int crashes = 0;
  std::size_t runs = 0;
  std::size_t events = 0;
  Marks marks;
  std::optional<std::string> violation;
  std::string last_lines;
};

SimReport simulate(const SimOptions& options);

// What to print of a report that has a violation: the seed, the last lines, how to see more.
std::string failure_text(const SimOptions& options, const SimReport& report);
std::string replay_command(const SimOptions& options);

class Simulation {
 public:
  explicit Simulation(const SimOptions& options);

  void start();
  void check();
  SimReport report();

 private:
  [[nodiscard]] bool goes_on() const;
  void tick();
  void request();
  void end_if_failed(const Result<>& written);
  void evict();
  void send(SimClient::Sent sent);
  void act();
  void dispatch(const Dispatch& dispatch);
  void end_activity();
  void advance();
  void jump_clock();
  void crash();
  void recover_log();
  void lose_power();
  void damage_log();
  void restart();
  void check_everything();
  void drain();
  void finish_deletions();
  bool advance_to_next();
  [[nodiscard]] ShardLimits some_limits();

  SimOptions options_;
  Script script_;
  Prng prng_;  // the stream of this tick
  Trace trace_;
  Marks marks_;
  DiskFaults disk_faults_{prng_, marks_, script_};
  SimClock clock_;
  SimLog log_;
  Ledger ledger_;
  const Catalog good_ = make_catalog();
  const Catalog broken_ = make_catalog(true);
  bool is_broken_ = false;
  SimClient client_;
  std::optional<SimActivities> activities_;
  SimWorkers workers_;
  std::unique_ptr<SimProcess> process_;
  std::set<int> crash_at_;  // after this many requests
  int requests_ = 0;        // that were their callers' turn
  int sent_ = 0;
  int crashes_ = 0;
  std::size_t runs_ = 0;
  std::size_t events_ = 0;
};

}  // namespace reprise::sim
