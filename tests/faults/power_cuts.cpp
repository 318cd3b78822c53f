#include "tests/faults/power_cuts.hpp"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <thread>
#include <tuple>

#include "base/digest.hpp"
#include "tests/faults/recovery_check.hpp"

namespace reprise::testing {
namespace {

Digest digest_of(const StoreImage& image) {
  std::string digests;
  for (const DiskImage* files : {&image.beside, &image.log})
    for (const auto& [name, content] : *files) {
      digests += reprise::digest_of(name).view();
      digests += reprise::digest_of(content).view();
    }
  return reprise::digest_of(digests);
}

// Cuts the power of one recording at every n-th of its moments.
class Cutter {
 public:
  Cutter(const Recording& recording, std::string name, const PowerCutOptions& options)
      : recording_(recording),
        name_(std::move(name)),
        options_(options),
        check_(*recording.states, *recording.ledger),
        playback_(recording) {}

  // Those moments whose number leaves `share` when divided by the number of threads.
  PowerCutReport run(unsigned share) {
    for (;; playback_.advance()) {
      const std::size_t moment = playback_.position();
      if (moment % options_.every == 0 && moment / options_.every % options_.threads == share)
        cut_here();
      if (playback_.at_end()) return std::move(report_);
    }
  }

 private:
  void cut_here() {
    ++report_.moments;
    const std::size_t moment = playback_.position();
    if (moment > 0)
      ++report_.operations.at(
          static_cast<std::size_t>(recording_.entries[moment - 1].operation.kind));
    for (const Tail tail : kTails) cut(tail);
  }

  void cut(Tail tail) {
    ++report_.cuts;
    const StoreImage image = playback_.image(tail, playback_.position());
    const Promise& promise = recording_.promise_before(playback_.position());
    if (!seen_.emplace(digest_of(image), promise).second) return;
    const bool lives = ++report_.opened % options_.lives_every == 0;
    if (lives) ++report_.lived;
    judge(tail, lives ? check_.check_and_live(image, promise) : check_.check(image, promise));
  }

  void judge(Tail tail, const Verdict& verdict) {
    if (verdict.kind == Verdict::Kind::whole) return;
    if (verdict.kind == Verdict::Kind::refused && tail == Tail::garbage) {
      ++report_.garbage_refused;
      return;
    }
    const std::size_t moment = playback_.position();
    const std::string behind =
        moment == 0
            ? "the start"
            : fmt::format("the {} of {}", to_string(recording_.entries[moment - 1].operation.kind),
                          recording_.entries[moment - 1].operation.path.filename().string());
    report_.faults.push_back(fmt::format(
        "{}: cut at moment {}, behind {}, tail {}: {} {}", name_, moment, behind, to_string(tail),
        verdict.kind == Verdict::Kind::refused ? "refused:" : "wrong:", verdict.why));
  }

  const Recording& recording_;
  const std::string name_;
  const PowerCutOptions options_;
  RecoveryCheck check_;
  Playback playback_;
  std::set<std::pair<Digest, Promise>> seen_;
  PowerCutReport report_;
};

PowerCutReport cut_power(const Recording& recording, const std::string& name,
                         const PowerCutOptions& options) {
  std::vector<PowerCutReport> shares(options.threads);
  {
    std::vector<std::jthread> threads;
    for (unsigned share = 0; share < options.threads; ++share)
      threads.emplace_back(
          [&, share] { shares[share] = Cutter(recording, name, options).run(share); });
  }
  PowerCutReport report;
  for (const PowerCutReport& share : shares) report.add(share);
  return report;
}

}  // namespace

void PowerCutReport::add(const PowerCutReport& other) {
  moments += other.moments;
  for (std::size_t kind = 0; kind < kKinds; ++kind)
    operations.at(kind) += other.operations.at(kind);
  cuts += other.cuts;
  opened += other.opened;
  lived += other.lived;
  garbage_refused += other.garbage_refused;
  faults.insert(faults.end(), other.faults.begin(), other.faults.end());
}

PowerCutReport cut_power(const Scenario& scenario, const PowerCutOptions& options) {
  PowerCutReport report;
  const std::vector<Recording> recordings = scenario.record();
  for (std::size_t i = 0; i < recordings.size(); ++i)
    report.add(cut_power(recordings[i], fmt::format("{} ({})", scenario.name, i + 1), options));
  return report;
}

}  // namespace reprise::testing
