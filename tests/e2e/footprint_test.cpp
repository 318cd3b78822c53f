// What the server weighs: memory when idle, the binary, and a start with 100,000 sleeping runs.
//
// The figures are printed by every build; the limits hold for the optimised one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <vector>

#include "engine/runtime/engine.hpp"
#include "storage/data_dir.hpp"
#include "storage/rocksdb_log.hpp"
#include "storage/testing/temporary_directory.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/build_kind.hpp"
#include "tests/support/server_process.hpp"
#include "workflows/bench/bench_workflows.hpp"

namespace reprise::testing {
namespace {

namespace asio = boost::asio;

constexpr std::uint64_t kMiB = 1U << 20U;
constexpr std::uint64_t kIdleBytesMax = 30 * kMiB;
constexpr std::uintmax_t kBinaryBytesMax = 20 * kMiB;
constexpr Duration kStartMax = std::chrono::milliseconds(200);
constexpr std::size_t kSleepers = kOptimized ? 100'000 : 5'000;
constexpr std::size_t kStartersAtOnce = 512;

// VmRSS of /proc/PID/status, in bytes.
std::uint64_t resident_bytes(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string word; status >> word;)
    if (word == "VmRSS:") {
      std::uint64_t kilobytes = 0;
      status >> kilobytes;
      return kilobytes * 1024;
    }
  return 0;
}

double in_mib(std::uint64_t bytes) {
  return static_cast<double>(bytes) / static_cast<double>(kMiB);
}
double in_ms(Duration time) { return static_cast<double>(time.count()) / 1000.0; }

asio::awaitable<void> start_sleepers(Engine* engine, std::atomic<std::size_t>* left) {
  for (std::size_t n = left->fetch_sub(1); n > 0 && n <= kSleepers; n = left->fetch_sub(1)) {
    const Result<StartAnswer> started = co_await engine->start(
        {.type = "bench.sleeper", .workflow = {}, .input = Payload{R"({"ms":86400000})"}});
    if (!started) throw std::runtime_error(to_string(started.error()));
  }
}

// Starts kSleepers runs that sleep for a day, in a store that was cleanly closed.
void fill(const std::filesystem::path& data) {
  const DataDir dir(data);
  const auto log = RocksDbLog::open(dir.log()).value();
  DurableFloor floor = DurableFloor::open(dir.floor()).value();
  Catalog catalog;
  register_bench(catalog);
  const ActivityRegistry activities;
  const auto engine =
      Engine::open({}, {.catalog = catalog, .activities = activities, .log = *log, .floor = floor})
          .value();
  std::atomic<std::size_t> left = kSleepers;
  const auto executors = engine->executors();
  std::vector<std::future<void>> starters;
  for (std::size_t i = 0; i < kStartersAtOnce; ++i)
    starters.push_back(asio::co_spawn(executors[i % executors.size()],
                                      start_sleepers(engine.get(), &left), asio::use_future));
  for (std::future<void>& starter : starters) starter.get();
  engine->stop();
  ASSERT_TRUE(log->flush());
}

ServerOptions serving(const std::filesystem::path& data) {
  return {.data = data, .arguments = {"--bench", "--provider", "offline"}, .environment = {}};
}

// From the spawn to the first 200 of /readyz.
Duration time_to_ready(ServerProcess& server) {
  const SteadyTime begin = system_clock().steady();
  server.start();
  EXPECT_EQ(ApiClient(server.url()).get("/readyz").status, 200);
  return system_clock().steady() - begin;
}

TEST(Footprint, AnIdleServerIsUnder30MiBResident) {
  const TemporaryDirectory data;
  ServerProcess server(serving(data.path()));
  server.start();
  ASSERT_EQ(ApiClient(server.url()).get("/readyz").status, 200);
  const std::uint64_t bytes = resident_bytes(server.pid());
  fmt::print("idle: {:.1f} MiB resident\n", in_mib(bytes));
  EXPECT_GT(bytes, kMiB);
  if (kOptimized) EXPECT_LT(bytes, kIdleBytesMax);
}

TEST(Footprint, TheStrippedBinaryIsUnder20MiB) {
  const TemporaryDirectory folder;
  const std::filesystem::path stripped = folder.path() / "reprise";
  std::filesystem::copy_file(server_binary(), stripped);
  ASSERT_EQ(std::system(fmt::format("{} '{}'", REPRISE_STRIP, stripped.string()).c_str()), 0);
  const std::uintmax_t bytes = std::filesystem::file_size(stripped);
  fmt::print("stripped: {:.1f} MiB, of {:.1f}\n", in_mib(bytes),
             in_mib(std::filesystem::file_size(server_binary())));
  EXPECT_LT(bytes, std::filesystem::file_size(server_binary()));
  if (kOptimized) EXPECT_LT(bytes, kBinaryBytesMax);
}

TEST(Footprint, AServerWithSleepingRunsIsReadyAtOnce) {
  const TemporaryDirectory data;
  const SteadyTime begin = system_clock().steady();
  fill(data.path());
  fmt::print("{} sleeping runs, started in {:.0f} ms\n", kSleepers,
             in_ms(system_clock().steady() - begin));

  ServerProcess server(serving(data.path()));
  // Machines are noisy: the best of three counts, or of ten where they are very noisy. All but the
  // first follow a kill.
  std::optional<Duration> best;
  for (int tries = 0; tries < 3 || (tries < 10 && kOptimized && *best >= kStartMax); ++tries) {
    const Duration time = time_to_ready(server);
    fmt::print("ready after {:.0f} ms, {:.1f} MiB resident\n", in_ms(time),
               in_mib(resident_bytes(server.pid())));
    best = std::min(time, best.value_or(time));
    // It is the server of these runs, and it serves.
    const ApiClient api(server.url());
    const Json page = api.read("/api/v1/workflows?type=bench.sleeper&status=running&limit=1");
    EXPECT_EQ(page["workflows"].size(), 1U);
    EXPECT_FALSE(page["next"].is_null());
    EXPECT_EQ(
        api.post("/api/v1/workflows?wait=30s", R"({"type":"bench.chain","input":{"n":3}})").status,
        201);
    server.kill();
  }
  if (kOptimized) EXPECT_LT(*best, kStartMax);
}

}  // namespace
}  // namespace reprise::testing
