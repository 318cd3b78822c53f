// reprise-bench: what the engine does in a second, beside what the machine could.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <filesystem>

#include "base/log.hpp"
#include "tools/bench/chain_bench.hpp"
#include "tools/bench/growth_bench.hpp"
#include "tools/bench/log_bench.hpp"
#include "tools/bench/sleepers_bench.hpp"
#include "tools/bench/workload.hpp"

namespace {

// A new directory under `parent`, removed at the end.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(const std::filesystem::path& parent) {
    std::string pattern = (parent / "reprise-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
      throw CLI::RuntimeError("cannot create a directory in " + parent.string(), 1);
    path_ = pattern;
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;  // what cannot be removed stays in sight
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Benchmarks of the Reprise engine. Figures are printed beside this machine's own "
      "ceiling, measured in the same run: compare ratios, not absolute figures.");
  app.require_subcommand(1);
  std::filesystem::path dir = std::filesystem::current_path();
  double seconds = 4;
  app.add_option("--dir", dir, "where the scratch data goes: the disk that is measured")
      ->check(CLI::ExistingDirectory);
  app.add_option("--seconds", seconds, "time for each row")->check(CLI::Range(0.1, 600.0));
  CLI::App& log =
      *app.add_subcommand("log", "group commit: 1, 8, 64, 256 writers of 200-byte events");
  CLI::App& chain =
      *app.add_subcommand("chain", "chains of 10 steps and fan-outs of 100, at 1, 64, 256 at once");
  bool in_process_only = false;
  chain.add_flag("--in-process", in_process_only, "leave out the rows over HTTP");
  std::optional<std::string> workflow;
  chain.add_option("--workflow", workflow, "only the rows of this workflow")
      ->check(CLI::IsMember({"bench.chain", "bench.fanout"}));
  std::optional<std::size_t> at_once;
  chain.add_option("--at-once", at_once, "only the rows of as many workflows at once")
      ->check(CLI::IsMember(reprise::kConcurrencies));
  CLI::App& growth =
      *app.add_subcommand("growth", "what an event costs as its history grows; replay");
  CLI::App& sleepers = *app.add_subcommand(
      "sleepers", "very many sleeping runs: disk, memory, restart, and all of them waking");
  std::size_t runs = 1'000'000;
  sleepers.add_option("--runs", runs, "how many")
      ->check(CLI::Range(1000, 100'000'000))
      ->capture_default_str();
  double within = 60;
  sleepers.add_option("--within", within, "seconds in which all of them wake")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  reprise::set_log(reprise::LogLevel::error, reprise::LogFormat::text);
  const ScratchDirectory scratch(dir);
  const reprise::Duration time(static_cast<std::int64_t>(seconds * 1e6));
  const reprise::Duration wake_time(static_cast<std::int64_t>(within * 1e6));
  if (growth.parsed()) reprise::run_growth_bench({.time = time});
  if (sleepers.parsed())
    reprise::run_sleepers_bench({.dir = scratch.path(), .runs = runs, .within = wake_time});
  if (log.parsed()) reprise::run_log_bench({.dir = scratch.path(), .time = time});
  if (chain.parsed()) {
    const auto beside = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "reprise";
    const bool over_http = !in_process_only && std::filesystem::exists(beside);
    if (!over_http && !in_process_only)
      fmt::print("no {} yet: no rows over HTTP\n", beside.string());
    reprise::run_chain_bench({.dir = scratch.path(),
                              .server = over_http ? beside : std::filesystem::path(),
                              .time = time,
                              .workflow = workflow,
                              .at_once = at_once});
  }
  return 0;
}
