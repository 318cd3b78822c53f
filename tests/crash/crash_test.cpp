// The server is killed with SIGKILL at random moments under load. Nothing that it acknowledged may be
// lost, and nothing that it recorded may be done again.
//
// The seed is printed; REPRISE_CRASH_SEED sets it, REPRISE_CRASH_KILLS the number of kills. A seed
// gives the same moments, but not the same interleaving: the processes are real.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <random>
#include <string_view>

#include "storage/testing/temporary_directory.hpp"
#include "tests/crash/audit.hpp"
#include "tests/crash/load.hpp"
#include "tests/support/build_kind.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::testing {
namespace {

// The unsanitized size is the one that is promised.
constexpr std::uint64_t kKills = kSanitized ? 8 : 20;
constexpr LoadSize kLoadSize{.tasks = kSanitized ? 40U : 200U,
                             .task_clients = kSanitized ? 10U : 25U};

constexpr Duration kMomentMin = std::chrono::milliseconds(20);
constexpr Duration kMomentMax = std::chrono::milliseconds(kSanitized ? 2000 : 1000);
// So slow that the tasks outlast the kills.
constexpr const char* kLatency = "90ms";
constexpr Duration kEndPatience = std::chrono::minutes(2);

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr) return otherwise;
  std::uint64_t value = otherwise;
  std::from_chars(text, text + std::string_view(text).size(), value);
  return value;
}

void print(const AuditReport& report, const Load& load, const Acknowledged& acknowledged) {
  fmt::print(
      "acknowledged: {} tasks, {} workflows, {} signals; {} calls were lost and made again\n"
      "on disk: {} runs, {} events, {} groups; {} activities recorded, {} attempts lost, {} tasks "
      "that lost an activity three times\n"
      "the provider: {} calls, {} cut off by a kill\n",
      acknowledged.tasks.size(), acknowledged.workflows.size(), acknowledged.signals.size(),
      load.calls_lost(), report.runs, report.events, report.groups, report.activities_recorded,
      report.attempts_lost, report.tasks_lost, report.calls_begun, report.calls_cut_off);
}

TEST(Crash, NothingAcknowledgedIsLostAndNothingRecordedIsDoneAgain) {
  const std::uint64_t seed = setting("REPRISE_CRASH_SEED", std::random_device{}());
  const std::uint64_t kills = setting("REPRISE_CRASH_KILLS", kKills);
  fmt::print("REPRISE_CRASH_SEED={}, {} kills under {} tasks{}\n", seed, kills, kLoadSize.tasks,
             kSanitized ? " (fewer than unsanitized)" : "");
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<Duration::rep> moment(kMomentMin.count(), kMomentMax.count());

  const TemporaryDirectory data;
  ServerProcess server(
      {.data = data.path(),
       .arguments = {"--bench", "--provider", "offline", "--offline-latency", kLatency},
       .environment = {}});
  server.start();
  Load load(kLoadSize, server.url());
  for (std::uint64_t kill = 1; kill <= kills; ++kill) {
    const Duration alive(moment(random));
    load.run_for(alive);
    server.kill();
    fmt::print("kill {:>2} after {:>4} ms, {} tasks ended\n", kill, alive.count() / 1000,
               load.tasks_ended());
    server.start();
    load.move_to(server.url());
  }
  load.wind_down();
  EXPECT_TRUE(load.wait_until_done(kEndPatience)) << "clients still wait for an answer";
  server.kill();

  const Acknowledged acknowledged = load.acknowledged();
  const AuditReport report = audit(data.path(), acknowledged);
  print(report, load, acknowledged);
  for (const std::string& complaint : load.complaints()) ADD_FAILURE() << complaint;
  for (const std::string& fault : report.faults) ADD_FAILURE() << fault;
  EXPECT_EQ(acknowledged.tasks.size(), kLoadSize.tasks);
  // The kills met work, and the clients noticed them.
  EXPECT_GT(report.attempts_lost, 0U);
  EXPECT_GT(report.calls_cut_off, 0U);
  EXPECT_GT(load.calls_lost(), kills);
  EXPECT_GT(acknowledged.signals.size(), kills);
}

}  // namespace
}  // namespace reprise::testing
