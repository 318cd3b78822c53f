#include "tests/recovery/finished_store.hpp"

#include <fmt/format.h>

#include <fstream>

#include "activities/bench/bench_activities.hpp"
#include "base/check.hpp"
#include "engine/core/group.hpp"
#include "storage/copy_file.hpp"
#include "storage/durable_floor.hpp"
#include "storage/store_format.hpp"
#include "storage/store_identity.hpp"
#include "workflows/bench/bench_workflows.hpp"

namespace reprise::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSmallMemtable = std::size_t{64} << 10;

template <typename T>
T opened(Result<T> result) {
  CHECK(result.has_value(), "{}", to_string(result.error()));
  return std::move(*result);
}

}  // namespace

OpenStore::OpenStore(const DataDir& data) {
  register_bench(catalog_);
  register_bench_activities(activities_);
  fs::create_directories(data.root());
  if (!fs::exists(data.floor())) {
    const GroupPosition start = group_chain_start();
    CHECK(DurableFloor::reset(data.floor(), {start.number, start.hash}).has_value());
  }
  floor_ = opened(DurableFloor::open(data.floor()));
  log_ = opened(RocksDbLog::open(data.log(), {.memtable_bytes = kSmallMemtable}));
  CHECK(create_or_verify_store(*log_, StoreFormat()).has_value());
  opened(ensure_store_identity(*log_));
  engine_ = opened(Engine::open(
      {.threads = 2},
      {.catalog = catalog_, .activities = activities_, .log = *log_, .floor = *floor_}));
}

OpenStore::~OpenStore() { engine_->stop(); }

RunId OpenStore::start(const std::string& id, const std::string& type, const std::string& input) {
  const auto started =
      wait(engine_->start({.type = type,
                           .workflow = WorkflowId(id),
                           .input = Payload{input},
                           .key = IdempotencyKey{.tenant = "t", .key = id, .request = {}}}));
  CHECK(started.has_value(), "{}", to_string(started.error()));
  return started->run;
}

void OpenStore::signal(const std::string& id, const std::string& name, const std::string& payload) {
  const auto done =
      wait(engine_->signal({.workflow = WorkflowId(id), .name = name, .payload = {payload}}));
  CHECK(done.has_value(), "{}", to_string(done.error()));
}

std::optional<RunStatus> OpenStore::end_of(const std::string& id, Duration limit) {
  const auto outcome = wait(engine_->result({.workflow = WorkflowId(id)}, limit));
  CHECK(outcome.has_value(), "{}", to_string(outcome.error()));
  return *outcome ? std::optional((*outcome)->status) : std::nullopt;
}

RunDescription OpenStore::describe(const std::string& id) {
  return opened(wait(engine_->describe({.workflow = WorkflowId(id)})));
}

FinishedStore::FinishedStore() {
  {
    OpenStore store(data);
    for (int i = 0; i < 30; ++i) {
      const std::string id = fmt::format("chain-{}", i);
      store.start(id, "bench.chain", fmt::format(R"({{"n":{}}})", 1 + i * 4));
      store.start(fmt::format("signals-{}", i), "bench.signals", "{}");
      for (int n = 0; n < 5; ++n)
        store.signal(fmt::format("signals-{}", i), "signal",
                     fmt::format(R"("{}")", std::string(200, static_cast<char>('a' + i % 26))));
      store.start(fmt::format("sleeper-{}", i), "bench.sleeper", R"({"ms":86400000})");
      CHECK(store.end_of(id) == RunStatus::completed);
    }
    // A payload so large that it is a blob.
    store.signal("signals-0", "signal", fmt::format(R"("{}")", std::string(100'000, 'b')));
  }
  const auto log = opened(RocksDbLog::open_read_only(data.log()));
  runs = all_records(*log);
}

const FinishedStore& FinishedStore::get() {
  static const FinishedStore store;
  return store;
}

std::map<RunId, RunRecords> all_records(const EventLog& log) {
  std::map<RunId, RunRecords> runs;
  const auto rows = log.scan(Table::record, {.limit = 1'000'000});
  CHECK(rows.has_value(), "{}", to_string(rows.error()));
  for (const KeyValue& row : *rows) {
    const std::string_view key = row.key;
    runs[RunId::from_bytes(key.substr(0, RunId::kBytes))]
        [read_big_endian(key.substr(RunId::kBytes))] = row.value;
  }
  return runs;
}

void copy_data(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  fs::copy(from / "log", to / "log", fs::copy_options::recursive);
  fs::copy(from / "floor", to / "floor");
}

std::map<std::string, std::string> digests_of(const fs::path& dir) {
  std::map<std::string, std::string> digests;
  for (const auto& entry : fs::recursive_directory_iterator(dir))
    if (entry.is_regular_file())
      digests[entry.path().string()] =
          to_hex(opened(digest_of_file(entry.path(), entry.file_size())));
  return digests;
}

void flip_a_bit(const fs::path& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 1));
}

}  // namespace reprise::testing
