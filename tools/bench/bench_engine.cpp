#include "tools/bench/bench_engine.hpp"

#include "activities/bench/bench_activities.hpp"
#include "base/check.hpp"
#include "workflows/bench/bench_workflows.hpp"

namespace reprise {
namespace {

template <typename T>
T opened(Result<T> result) {
  CHECK(result.has_value(), "{}", to_string(result.error()));
  return std::move(*result);
}

}  // namespace

BenchEngine::BenchEngine(const std::filesystem::path& dir, EngineOptions options) {
  register_bench(catalog_);
  register_bench_activities(activities_);
  log_ = opened(RocksDbLog::open(dir));
  floor_ = opened(DurableFloor::open(dir.string() + ".floor"));
  engine_ = opened(Engine::open(std::move(options), {catalog_, activities_, *log_, *floor_}));
}

}  // namespace reprise
