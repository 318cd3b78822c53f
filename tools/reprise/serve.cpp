#include "tools/reprise/serve.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "activities/bench/bench_activities.hpp"
#include "activities/callback/callback_activity.hpp"
#include "activities/model/model_activity.hpp"
#include "api/callback_body.hpp"
#include "api/queue_rules.hpp"
#include "api/server.hpp"
#include "base/log.hpp"
#include "engine/runtime/backups.hpp"
#include "engine/runtime/engine.hpp"
#include "engine/runtime/recovery.hpp"
#include "storage/disk_guard.hpp"
#include "storage/durable_floor.hpp"
#include "storage/rocksdb_log.hpp"
#include "storage/store_format.hpp"
#include "storage/store_identity.hpp"
#include "tools/reprise/data_folder.hpp"
#include "tools/reprise/listen_address.hpp"
#include "tools/reprise/problem_text.hpp"
#include "tools/reprise/providers.hpp"
#include "tools/reprise/stuck_runs.hpp"
#include "tools/reprise/terminal.hpp"
#include "workflows/bench/bench_workflows.hpp"
#include "workflows/callback/callback_workflow.hpp"
#include "workflows/queue/queue_workflow.hpp"
#include "workflows/schedule/schedule_workflow.hpp"
#include "workflows/task/task_workflow.hpp"

namespace reprise::cli {
namespace {

constexpr const char* kBuild = "reprise " REPRISE_VERSION;

// Everything that serves, in the order in which it is built; destroyed the other way round.
struct Server {
  std::unique_ptr<RocksDbLog> log;
  std::optional<DurableFloor> floor;
  std::optional<DiskGuard> disk;
  Catalog catalog;
  ActivityRegistry activities;
  // What callbacks read the ends of runs from; null until it is open.
  std::shared_ptr<std::atomic<Engine*>> callback_engine = std::make_shared<std::atomic<Engine*>>();
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Backups> backups;
  std::unique_ptr<ApiServer> api;
  std::uint16_t port = 0;
  std::vector<std::string> providers;  // their names
};

// Opening writes what the log files hold into tables. RocksDB aborts where it has no space for that.
Result<> check_space(const DataDir& data) {
  constexpr std::uint64_t kBesidesBytes = 16ULL << 20;
  std::uint64_t bytes_needed = kBesidesBytes;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(data.log(), error))
    if (entry.path().extension() == ".log") bytes_needed += entry.file_size(error);
  const Result<DiskSpace> space = read_disk_space(data.root());
  if (!space) return std::unexpected(space.error());
  if (space->bytes_free >= bytes_needed) return {};
  return fail(Errc::io,
              fmt::format("{} is on a full disk: {} MiB are free, and opening the log may "
                          "take {} MiB; free some space",
                          data.root().string(), space->bytes_free >> 20, (bytes_needed >> 20) + 1));
}

// Before the engine, which is the only one to append from then on.
Result<> identify(RocksDbLog& log) {
  if (Result<> made = create_or_verify_store(log, StoreFormat()); !made) return made;
  const Result<StoreIdentity> identity = ensure_store_identity(log);
  if (!identity) return std::unexpected(identity.error());
  log_info("store_identity", {{"store", identity->id}, {"origin", identity->origin}});
  return {};
}

// A backup that was served would not be one any more.
Result<> check_is_no_backup(const DataDir& data) {
  std::error_code ignored;  // what cannot be looked at does not open below, and says why
  if (!std::filesystem::exists(data.root() / BackupManifest::kFileName, ignored)) return {};
  return fail(
      Errc::conflict,
      data.root().string() + " is a backup: make a store of it with `reprise-replay restore`",
      "--data");
}

Result<> open_store(Server& server, const DataDir& data) {
  if (Result<> ok = check_is_no_backup(data); !ok) return ok;
  server.disk.emplace(data.root());
  if (Result<DiskLevel> level = server.disk->check(); !level)  // gives back the reserve
    return std::unexpected(std::move(level.error()));
  if (Result<> space = check_space(data); !space) return space;
  Result<DurableFloor> floor = open_floor(data.floor(), RocksDbLog::exists(data.log()));
  if (!floor) return std::unexpected(std::move(floor.error()));
  if (floor->has_damaged_slot())
    log_warning("durable_floor_slot_damaged",
                {{"path", data.floor().string()}, {"group", floor->mark()->group.value()}});
  server.floor = std::move(*floor);
  Result<std::unique_ptr<RocksDbLog>> log = RocksDbLog::open(data.log());
  if (!log) return std::unexpected(std::move(log.error()));
  server.log = std::move(*log);
  return identify(*server.log);
}

Result<> register_work(Server& server, const Serve& options, const DataDir& data) {
  Result<ModelProviders> providers = make_providers(options, data);
  if (!providers) return std::unexpected(std::move(providers.error()));
  const std::string& provider = providers->default_name();
  log_info("provider_in_force", {{"provider", provider}, {"simulated", provider == "offline"}});
  for (const auto& [name, model] : providers->all()) server.providers.push_back(name);
  register_task_workflow(server.catalog);
  register_schedule(server.catalog);
  register_queue(server.catalog);
  register_model_activities(server.activities, *providers);
  register_callback(server.catalog);
  register_callback_activity(
      server.activities, {.private_addresses = options.private_callbacks},
      [engine = server.callback_engine](
          const CallbackInput& input) -> boost::asio::awaitable<Result<std::string>> {
        Engine* const reads = engine->load();
        const auto run = parse_run_id(input.run_id);
        if (reads == nullptr || !run) co_return fail(Errc::unavailable, "the server is starting");
        co_return co_await api::callback_body(*reads, WorkflowId(input.workflow_id), *run);
      });
  if (options.bench) {
    register_bench(server.catalog);
    register_bench_activities(server.activities);
  }
  return {};
}

// Nobody is answered and nothing is torn down: what the disk holds is for recovery to find out.
[[noreturn]] void end_at_once(const Error& error) {
  log_error("log_failed", {{"reason", to_string(error)}});
  std::_Exit(to_status(ExitCode::log_failed));
}

// Its code cannot be interrupted. The next process parks the run, and serves the others.
[[noreturn]] void end_stuck(const StuckRuns& stuck, const RunId& run, Duration limit) {
  const Result<> noted = stuck.add(run);
  log_error("run_stuck", {{"run", to_string(run)},
                          {"after", human_duration(limit)},
                          {"noted", noted ? "yes" : to_string(noted.error())}});
  std::_Exit(to_status(ExitCode::run_stuck));
}

Result<> open_backups(Server& server, const Serve& options, const DataDir& data) {
  if (options.backup_dir.empty()) return {};
  Result<std::unique_ptr<Backups>> backups =
      Backups::open(options.backup_dir, {.log = *server.log, .floor = data.floor()});
  if (!backups) return fail(backups.error().code, backups.error().detail, "--backup-dir");
  server.backups = std::move(*backups);
  return {};
}

// Nothing leaves a queue before the limits that hold for it are known.
Result<> resume_queues(Engine& engine) {
  boost::asio::io_context here(1);
  std::optional<Result<KeptQueueRules>> kept;
  boost::asio::co_spawn(here, api::kept_queue_rules(engine, system_clock().utc()),
                        [&](const std::exception_ptr& thrown, Result<KeptQueueRules> found) {
                          if (thrown) std::rethrow_exception(thrown);
                          kept = std::move(found);
                        });
  here.run();
  if (!*kept) return std::unexpected(std::move(kept->error()));
  engine.resume_queues(**kept);
  if (!(*kept)->empty()) log_info("queue_limits_in_force", {{"queues", (*kept)->size()}});
  return {};
}

Result<> start(Server& server, const Serve& options) {
  const Result<ListenAddress> address = parse_listen_address(options.listen);
  if (!address) return std::unexpected(address.error());
  const Result<DataDir> data = open_data_folder(options.data);
  if (!data) return std::unexpected(data.error());
  if (Result<> store = open_store(server, *data); !store) return store;
  if (Result<> work = register_work(server, options, *data); !work) return work;

  Result<std::string> program = this_program();
  if (!program) return std::unexpected(std::move(program.error()));
  const StuckRuns stuck(data->stuck_runs(), std::move(*program));
  Result<std::set<RunId>> stuck_runs = stuck.read();
  if (!stuck_runs) return std::unexpected(std::move(stuck_runs.error()));

  Result<std::unique_ptr<Engine>> engine = Engine::open(
      {.threads = options.threads,
       .queues_resume = true,
       .build = kBuild,
       .activation_max = options.stuck_after,
       .on_stuck = [stuck](const RunId& run, Duration limit) { end_stuck(stuck, run, limit); },
       .timers_late_max = options.timers_late_max,
       .retention = options.retention,
       .stuck_runs = std::move(*stuck_runs),
       .on_failure = end_at_once},
      {.catalog = server.catalog,
       .activities = server.activities,
       .log = *server.log,
       .floor = *server.floor,
       .disk = &*server.disk});
  if (!engine) return std::unexpected(std::move(engine.error()));
  server.engine = std::move(*engine);
  server.callback_engine->store(server.engine.get());
  if (Result<> resumed = resume_queues(*server.engine); !resumed) return resumed;
  if (Result<> opened = open_backups(server, options, *data); !opened) return opened;

  server.api = std::make_unique<ApiServer>(
      *server.engine, server.catalog,
      ApiOptions{.address = address->host,
                 .port = address->port,
                 .build = kBuild,
                 .providers = server.providers,
                 .callbacks = {.private_addresses = options.private_callbacks},
                 .backups = server.backups.get()},
      server.engine->executors());
  const Result<std::uint16_t> port = server.api->start();
  if (!port)
    return fail(port.error().code,
                port.error().detail + ": stop what listens there, or choose another port",
                "--listen");
  const std::string host = address->host.contains(':') ? "[" + address->host + "]" : address->host;
  log_info("server_ready", {{"address", fmt::format("http://{}:{}", host, *port)},
                            {"data", data->root().string()},
                            {"version", REPRISE_VERSION}});
  return {};
}

// What is accepted is answered, then what is answered is finished, then the log is closed.
void stop(Server& server) {
  if (server.api) server.api->stop();
  if (server.backups) server.backups->stop();
  if (server.engine) server.engine->stop();
  if (server.log)
    if (Result<> flushed = server.log->flush(); !flushed)
      log_warning("log_not_flushed", {{"reason", to_string(flushed.error())}});
}

}  // namespace

ExitCode serve(const Serve& options) {
  set_log(options.log_level, options.log_format);
  boost::asio::io_context events(1);
  boost::asio::signal_set signals(events, SIGINT, SIGTERM);
  signals.async_wait([](const boost::system::error_code& error, int signal) {
    if (!error) log_info("server_stopping", {{"signal", signal}});
  });
  Server server;
  if (Result<> started = start(server, options); !started) {
    std::cerr << error_text(started.error(), style_of(STDERR_FILENO));
    stop(server);
    return started.error().code == Errc::invalid_argument ? ExitCode::usage
                                                          : ExitCode::cannot_serve;
  }
  events.run();  // until the first signal
  signals.clear();
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  stop(server);
  log_info("server_stopped");
  return ExitCode::ok;
}

}  // namespace reprise::cli
