#include "tools/replay/stored.hpp"

#include "engine/runtime/log_reads.hpp"
#include "storage/data_dir.hpp"
#include "workflows/bench/bench_workflows.hpp"
#include "workflows/callback/callback_workflow.hpp"
#include "workflows/schedule/schedule_workflow.hpp"
#include "workflows/task/task_workflow.hpp"

namespace reprise {

void register_all_types(Catalog& catalog) {
  register_task_workflow(catalog);
  register_schedule(catalog);
  register_callback(catalog);
  register_bench(catalog);
}

Result<Stored> Stored::open(const std::filesystem::path& data, Damage damage) {
  const DataDir dir(data);
  std::error_code error;
  const bool is_there = std::filesystem::exists(dir.log(), error);
  if (error) return fail(Errc::io, dir.log().string() + ": " + error.message(), "--data");
  if (!is_there)
    return fail(Errc::not_found, data.string() + " holds no Reprise data: name the server's --data",
                "--data");
  Stored stored;
  // The floor first: the log that is opened after it holds at least what it names.
  const Result<DurableFloor> floor = DurableFloor::open_read_only(dir.floor());
  if (!floor && damage == Damage::refuse) return std::unexpected(floor.error());
  if (floor) {
    stored.floor = floor->mark();
    stored.floor_has_damaged_slot = floor->has_damaged_slot();
  }
  Result<std::unique_ptr<RocksDbLog>> log =
      RocksDbLog::open_read_only(dir.log(), {.salvage = damage == Damage::read_around});
  if (!log) return std::unexpected(log.error());
  stored.log = std::move(*log);
  register_all_types(stored.catalog);
  return stored;
}

Result<RunId> Stored::find(const std::string& id) const {
  if (const std::optional<RunId> run = parse_run_id(id)) return *run;
  const std::optional<WorkflowId> workflow = WorkflowId::parse(id);
  if (!workflow) return fail(Errc::invalid_argument, id + " is no run, task or workflow id", "RUN");
  Result<WorkflowRow> row = read_workflow(*log, *workflow);
  if (!row) return std::unexpected(row.error());
  return row->run;
}

}  // namespace reprise
