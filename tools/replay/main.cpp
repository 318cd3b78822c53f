// reprise-replay: looks at past runs in a server's data, live or at rest, and changes nothing there;
// makes a new store from a backup, or from what is left of a damaged one.
#include <fmt/format.h>

#include <cstdio>

#include "base/log.hpp"
#include "tools/arguments/argument_checks.hpp"
#include "tools/replay/recover_verbs.hpp"
#include "tools/replay/verbs.hpp"

int main(int argc, char** argv) {
  using namespace reprise;
  CLI::App app(
      "Lists, shows, verifies and re-executes the runs in a server's data, and changes "
      "nothing there. Makes a store from a backup, or from a damaged store.",
      "reprise-replay");
  app.footer(
      "Exit status: 0 all is well, 1 something differs or is damaged, 2 usage, 3 unreadable.");
  app.require_subcommand(1);
  std::string data;
  std::string run;
  Output output = Output::text;
  app.add_option("--data", data, "the server's data directory");
  add_choice<Output>(app, "--output", output, "how it is printed",
                     {{"text", Output::text}, {"json", Output::json}})
      ->type_name("text|json");
  app.fallthrough();

  CLI::App& list = *app.add_subcommand("list", "all runs");
  CLI::App& show = *app.add_subcommand("show", "a run's events as a timeline");
  show.add_option("RUN", run, "a run, task or workflow id")->required();
  CLI::App& check =
      *app.add_subcommand("verify", "checksums, hash chains, sequences, legal transitions");
  bool all = false;
  auto* one = check.add_option("RUN", run, "a run, task or workflow id");
  check.add_flag("--all", all, "every run, every group, the durable floor")->excludes(one);
  CLI::App& again = *app.add_subcommand("run", "re-execute the workflow's code against the log");
  again.add_option("RUN", run, "a run, task or workflow id")->required();
  std::string source;
  std::string target;
  CLI::App& restored = *app.add_subcommand("restore", "make a store from a backup, and verify it");
  restored.add_option("BACKUP", source, "a backup's directory")->required();
  CLI::App& salvaged =
      *app.add_subcommand("salvage", "make a store from all that is whole in a damaged one");
  salvaged.add_option("STORE", source, "the damaged store: a server's data directory")->required();
  for (CLI::App* verb : {&restored, &salvaged})
    verb->add_option("TARGET", target, "the new data directory: not there yet, or empty")
        ->required();
  const auto complain = [](const std::string& what) {
    fmt::print(stderr, "{}\nRun with --help for more information.\n", what);
    return kExitUsage;
  };
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (const std::string wrong = wrong_word(app, arguments); !wrong.empty()) return complain(wrong);
  try {
    app.parse(argc, argv);
    const bool makes_a_store = restored.parsed() || salvaged.parsed();
    if (!makes_a_store && data.empty()) throw CLI::RequiredError("--data");
    if (check.parsed() && !all && run.empty()) throw CLI::RequiredError("verify: a RUN, or --all,");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }

  if (const std::string wrong = wrong_value(app); !wrong.empty()) return complain(wrong);
  set_log(LogLevel::error, LogFormat::text);
  if (restored.parsed()) return restore(source, target, output);
  if (salvaged.parsed()) return salvage_store(source, target, output);
  const Result<Stored> stored = Stored::open(data);
  if (!stored) return unreadable(stored.error());
  if (list.parsed()) return list_runs(*stored, output);
  if (show.parsed()) return show_run(*stored, run, output);
  if (check.parsed()) return verify(*stored, run, output);
  return run_again(*stored, run, output);
}
