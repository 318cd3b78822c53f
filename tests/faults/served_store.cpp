#include "tests/faults/served_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <utility>

#include "activities/bench/bench_activities.hpp"
#include "base/check.hpp"
#include "engine/runtime/recovery.hpp"
#include "workflows/bench/bench_workflows.hpp"

namespace reprise::testing {

Catalog served_catalog() {
  Catalog catalog;
  register_bench(catalog);
  return catalog;
}

Result<std::unique_ptr<ServedStore>> ServedStore::open(const DataDir& data, rocksdb::Env& env,
                                                       StoreStates& states, Ledger& ledger,
                                                       const ServedOptions& options) {
  const RocksDbOptions settings{.memtable_bytes = options.memtable_bytes, .env = &env};
  Result<DurableFloor> floor = open_floor(data.floor(), RocksDbLog::exists(data.log(), settings));
  if (!floor) return std::unexpected(std::move(floor.error()));
  auto log = RocksDbLog::open(data.log(), settings);
  if (!log) return std::unexpected(std::move(log.error()));
  std::unique_ptr<ServedStore> store(
      new ServedStore(std::move(*floor), std::move(*log), states, ledger));
  if (Result<> served = store->serve(options); !served)
    return std::unexpected(std::move(served.error()));
  return store;
}

ServedStore::ServedStore(DurableFloor floor, std::unique_ptr<RocksDbLog> log, StoreStates& states,
                         Ledger& ledger)
    : floor_(std::move(floor)),
      log_(std::move(log)),
      states_(states),
      ledger_(ledger),
      catalog_(served_catalog()) {
  register_bench_activities(activities_);
}

ServedStore::~ServedStore() {
  engine_.reset();
  callers_.join();
}

Result<> ServedStore::serve(const ServedOptions& options) {
  auto engine = Engine::open(
      {.threads = 2,
       .shards = kShards,
       .inline_write_max = options.inline_write_max,
       .on_failure =
           [](const Error& error) { CHECK(false, "the log failed: {}", to_string(error)); }},
      {.catalog = catalog_,
       .activities = activities_,
       .log = recorded_,
       .floor = floor_,
       .clock = options.clock});
  if (!engine) return std::unexpected(std::move(engine.error()));
  engine_ = std::move(*engine);
  return {};
}

template <typename T>
T ServedStore::wait(boost::asio::awaitable<Result<T>> work) {
  Result<T> answer =
      boost::asio::co_spawn(callers_, std::move(work), boost::asio::use_future).get();
  CHECK(answer.has_value(), "refused: {}", to_string(answer.error()));
  return std::move(*answer);
}

void ServedStore::start(const std::string& workflow, const std::string& type,
                        const std::string& input) {
  const WorkflowId id(workflow);
  wait(engine_->start({.type = type, .workflow = id, .input = Payload{input}}));
  ledger_.started(id);
}

void ServedStore::signal(const std::string& workflow, const std::string& word) {
  const WorkflowId id(workflow);
  wait(engine_->signal({.workflow = id, .name = "signal", .payload = Payload{word}}));
  ledger_.signalled(id, word);
}

void ServedStore::finish(const std::string& workflow) {
  constexpr auto kPatience = std::chrono::minutes(1);
  const auto outcome = wait(engine_->result({.workflow = WorkflowId(workflow)}, kPatience));
  CHECK(outcome.has_value(), "{} does not end", workflow);
}

void ServedStore::stop() {
  engine_->stop();
  const Result<> flushed = log_->flush();
  CHECK(flushed.has_value(), "{}", to_string(flushed.error()));
}

}  // namespace reprise::testing
