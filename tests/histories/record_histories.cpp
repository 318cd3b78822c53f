// record-histories DIRECTORY: writes the file of each story that has none yet. It never changes one.
// The events are shown as they are written: who tells a story looks there for the commands' numbers.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "tests/histories/corpus.hpp"
#include "tests/histories/history_file.hpp"

namespace {

using namespace reprise;

corpus::HistoryFile recorded(const Catalog& catalog, const corpus::Scenario& scenario) {
  UtcTime now = UtcTime::from_micros(1'700'000'000'000'000);
  const Digest name = digest_of(scenario.name);
  corpus::HistoryFile history{.name = scenario.name,
                              .description = scenario.description,
                              .group = scenario.group,
                              .run = RunId::make(now, leading_u64(name), leading_u64(name)),
                              .status = {},
                              .records = {}};
  Run run(catalog, history.run, "recorder");
  for (const corpus::Told& told : scenario.story) {
    now = now + told.after;
    for (EventBody fact : told.facts) {
      if (auto* started = std::get_if<RunStarted>(&fact)) started->first_run = history.run;
      run.accept(std::move(fact), now);
    }
    std::vector<CommandId> steps;
    if (told.shares_record && run.begin_steps(now, steps)) continue;
    const auto sealed = run.seal(now);
    history.records.push_back(sealed->record.bytes);
    for (const Event& event : sealed->events)
      fmt::print(stderr, "  {:>3} {}\n", event.sequence, to_text(event.body));
  }
  history.status = to_string(run.state().status());
  return history;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: record-histories DIRECTORY\n");
    return 2;
  }
  const Catalog catalog = corpus::make_catalog();
  for (const corpus::Scenario& scenario : corpus::scenarios()) {
    const std::filesystem::path path = std::filesystem::path(argv[1]) / (scenario.name + ".jsonl");
    if (std::filesystem::exists(path)) continue;
    fmt::print(stderr, "{}\n", scenario.name);
    const std::string text = to_text(recorded(catalog, scenario));
    std::ofstream(path) << text;
    fmt::print("{}\n", path.string());
  }
  return 0;
}
