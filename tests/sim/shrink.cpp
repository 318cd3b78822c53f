#include "tests/sim/shrink.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/check.hpp"

namespace reprise::sim {
namespace {

constexpr std::size_t kTicksNoted = std::size_t{1} << 17U;

bool holds(std::uint8_t deeds, Deed deed) { return (deeds & static_cast<std::uint8_t>(deed)) != 0; }

Deeds count(std::span<const std::uint8_t> noted) {
  Deeds deeds;
  for (const std::uint8_t tick : noted) {
    deeds.ticks += holds(tick, Deed::turn) ? 1 : 0;
    deeds.requests += holds(tick, Deed::request) ? 1 : 0;
    deeds.crashes += holds(tick, Deed::crash) ? 1 : 0;
    deeds.faults += holds(tick, Deed::fault) ? 1 : 0;
  }
  return deeds;
}

// Simulates in other processes, which note what they do in memory that is shared with them.
class Trial {
 public:
  explicit Trial(const SimOptions& options) : options_(options) {
    void* memory =
        ::mmap(nullptr, kTicksNoted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    options_.noted = {static_cast<std::uint8_t*>(memory), kTicksNoted};
    options_.verbose = false;
  }
  ~Trial() { ::munmap(options_.noted.data(), options_.noted.size()); }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  bool fails(const std::optional<Excerpt>& excerpt) {
    ++tries_;
    std::ranges::fill(options_.noted, std::uint8_t{0});
    options_.excerpt = excerpt;
    const pid_t child = ::fork();
    CHECK(child >= 0);
    if (child == 0) {
      const bool quiet = std::freopen("/dev/null", "w", stderr) != nullptr;
      ::_exit(simulate(options_).violation || !quiet ? 1 : 0);
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    return status != 0;
  }
  // Of the last one.
  [[nodiscard]] std::span<const std::uint8_t> noted() const { return options_.noted; }
  [[nodiscard]] int tries() const { return tries_; }

 private:
  SimOptions options_;
  int tries_ = 0;
};

// Leaves out so many ticks at a time wherever what is left still fails; true when any were.
bool leave_out(Trial& trial, Excerpt& excerpt, std::size_t at_a_time, int tries_max) {
  bool any = false;
  std::vector<int> kept(excerpt.kept.begin(), excerpt.kept.end());
  for (std::size_t first = 0; first < kept.size() && trial.tries() < tries_max;) {
    const std::size_t end = std::min(first + at_a_time, kept.size());
    Excerpt smaller = excerpt;
    for (std::size_t i = first; i < end; ++i) smaller.kept.erase(kept[i]);
    if (!trial.fails(smaller)) {
      first = end;
      continue;
    }
    any = true;
    // What was kept and not done, and what came behind the failure, goes as well.
    excerpt = all_of(trial.noted());
    const int next = end < kept.size() ? kept[end] : excerpt.ticks + 1;
    kept.assign(excerpt.kept.begin(), excerpt.kept.end());
    first = static_cast<std::size_t>(std::ranges::lower_bound(kept, next) - kept.begin());
  }
  return any;
}

// The quiet ticks behind the last deed.
void cut_the_end(Trial& trial, Excerpt& excerpt) {
  const Excerpt shorter{.ticks = excerpt.kept.empty() ? 0 : *excerpt.kept.rbegin(),
                        .kept = excerpt.kept};
  if (trial.fails(shorter)) excerpt = shorter;
}

}  // namespace

std::string to_string(const Deeds& deeds) {
  return fmt::format("{} requests, {} crashes and faults in {} of {} ticks", deeds.requests,
                     deeds.crashes, deeds.faults, deeds.ticks);
}

Excerpt all_of(std::span<const std::uint8_t> noted) {
  Excerpt excerpt;
  for (std::size_t tick = 0; tick < noted.size(); ++tick) {
    if (noted[tick] == 0) continue;
    excerpt.ticks = static_cast<int>(tick);
    if (noted[tick] != static_cast<std::uint8_t>(Deed::turn))
      excerpt.kept.insert(static_cast<int>(tick));
  }
  return excerpt;
}

std::optional<Shrunk> shrink(const SimOptions& options, int tries_max) {
  Trial trial(options);
  if (!trial.fails(options.excerpt)) return std::nullopt;
  Shrunk shrunk{.excerpt = all_of(trial.noted()), .deeds_at_first = count(trial.noted())};
  cut_the_end(trial, shrunk.excerpt);
  std::size_t at_a_time = std::max<std::size_t>(1, shrunk.excerpt.kept.size() / 2);
  while (trial.tries() < tries_max) {
    const bool any = leave_out(trial, shrunk.excerpt, at_a_time, tries_max);
    if (at_a_time == 1 && !any) break;
    at_a_time = std::max<std::size_t>(1, at_a_time / 2);
  }
  cut_the_end(trial, shrunk.excerpt);
  CHECK(trial.fails(shrunk.excerpt), "a simulation that is not the same twice");
  shrunk.deeds = count(trial.noted());
  shrunk.tries = trial.tries();
  return shrunk;
}

}  // namespace reprise::sim
