#include "tests/faults/bit_flips.hpp"

#include <fmt/format.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

#include "engine/runtime/recovery.hpp"
#include "engine/runtime/verify.hpp"
#include "tests/faults/served_store.hpp"
#include "tests/faults/virtual_files.hpp"

namespace reprise::testing {
namespace {

// Numbers that are the same for the same seed and flip.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t flip) : state_(seed * 0x9e3779b97f4a7c15ULL + flip) {}
  // Below `end`.
  std::uint64_t below(std::uint64_t end) {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t bits = (state_ ^ (state_ >> 30)) * 0xbf58476d1ce4e5b9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
    return (bits ^ (bits >> 31)) % end;
  }

 private:
  std::uint64_t state_;
};

// A bit of one file of a target.
struct Flip {
  bool beside = false;  // the log's folder
  std::string file;
  std::uint64_t byte = 0;
  unsigned bit = 0;
};

// The files of a target that hold something.
class Files {
 public:
  explicit Files(const StoreImage& image) {
    for (const bool beside : {true, false})
      for (const auto& [name, content] : beside ? image.beside : image.log) {
        if (content.find_last_not_of('\0') == std::string::npos) continue;
        places_.push_back({beside, name, content.size(), content.find_last_not_of('\0') + 1});
        bytes_ += content.size();
        if (name.ends_with(".log")) last_log_ = std::max(last_log_, name);
      }
  }

  [[nodiscard]] Flip any(std::uint64_t seed, std::uint64_t number) const {
    Draw draw(seed, number);
    const bool any_byte = number % 2 == 0;
    std::uint64_t at = draw.below(any_byte ? bytes_ : places_.size());
    const Place* place = &places_[any_byte ? 0 : at];
    if (any_byte)
      for (; at >= place->bytes; ++place) at -= place->bytes;
    else
      at = draw.below(place->bytes_used);
    return {place->beside, place->name, at, static_cast<unsigned>(draw.below(8))};
  }

  [[nodiscard]] std::string kind_of(const std::string& file) const {
    if (file.ends_with(".sst")) return "table";
    if (file.ends_with(".trash")) return "trash";
    if (file.ends_with(".log")) return file == last_log_ ? "last log" : "older log";
    return file.substr(0, file.find('-'));
  }

 private:
  struct Place {
    bool beside;
    std::string name;
    std::uint64_t bytes;
    std::uint64_t bytes_used;
  };
  std::vector<Place> places_;
  std::uint64_t bytes_ = 0;
  std::string last_log_;
};

struct Judged {
  FlipOutcome outcome;
  std::string why = {};
};

// Whether every row is found by its key as well, which takes another path to it than a scan.
Result<> check_gets(const EventLog& log) {
  return for_each_row(log, [&](Table table, const KeyValue& row) -> Result<> {
    const auto found = log.get(table, row.key);
    if (!found) return std::unexpected(found.error());
    if (*found == row.value) return {};
    return fail(Errc::internal, fmt::format("a {} row is not found by its key", to_string(table)));
  });
}

class Flipper {
 public:
  Flipper(const FlipTarget& target, const FlipOptions& options)
      : target_(target), options_(options), files_(target.image) {}

  // Those flips whose number leaves `share` when divided by the number of threads.
  FlipReport run(unsigned share) {
    for (std::uint64_t n = options_.first + share; n < options_.first + options_.count;
         n += options_.threads)
      flip(n);
    return std::move(report_);
  }

 private:
  void flip(std::uint64_t number) {
    const Flip flip = files_.any(options_.seed, number);
    StoreImage image = target_.image;
    char& byte = (flip.beside ? image.beside : image.log).at(flip.file)[flip.byte];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << flip.bit));
    disk_.install(image);
    const Judged judged = judge();
    ++report_.by_kind[files_.kind_of(flip.file)].at(static_cast<std::size_t>(judged.outcome));
    if (judged.outcome == FlipOutcome::silent)
      report_.silent.push_back(fmt::format("flip {}: {} byte {} bit {}: {}", number, flip.file,
                                           flip.byte, flip.bit, judged.why));
  }

  Judged judge() const {
    const RocksDbOptions options{.env = &disk_.env()};
    const DataDir& data = disk_.data();
    const auto floor = open_floor(data.floor(), RocksDbLog::exists(data.log(), options));
    if (!floor) return {FlipOutcome::refused};
    const auto log = RocksDbLog::open(data.log(), options);
    if (!log) return {FlipOutcome::refused};
    if (!check_store(**log, *floor, kShards)) return {FlipOutcome::refused};
    return judge_open(**log, floor->mark());
  }

  Judged judge_open(const EventLog& log, const std::optional<FloorMark>& floor) const {
    const Result<Digest> content = content_of(log);
    if (!content) return {FlipOutcome::reported};
    if (!verify_store(log, catalog_, floor).faults.empty()) return {FlipOutcome::reported};
    if (const Result<> gets = check_gets(log); !gets) {
      if (gets.error().code != Errc::internal) return {FlipOutcome::reported};
      return {FlipOutcome::silent, gets.error().detail};
    }
    if (*content == target_.states.back()) return {FlipOutcome::harmless};
    if (std::ranges::find(target_.states, *content) != target_.states.end())
      return {FlipOutcome::torn};
    return {FlipOutcome::silent, "it holds a state that it never had"};
  }

  const FlipTarget& target_;
  const FlipOptions options_;
  const Files files_;
  const Catalog catalog_ = served_catalog();
  VirtualFiles disk_;
  FlipReport report_;
};

}  // namespace

std::string to_string(FlipOutcome outcome) {
  switch (outcome) {
    case FlipOutcome::refused: return "refused";
    case FlipOutcome::reported: return "reported";
    case FlipOutcome::harmless: return "harmless";
    case FlipOutcome::torn: return "torn";
    case FlipOutcome::silent: return "silent";
  }
  return "unknown";
}

FlipReport::Counts FlipReport::total() const {
  Counts sum{};
  for (const auto& [kind, counts] : by_kind)
    for (std::size_t i = 0; i < kFlipOutcomes; ++i) sum.at(i) += counts.at(i);
  return sum;
}

void FlipReport::add(const FlipReport& other) {
  for (const auto& [kind, counts] : other.by_kind)
    for (std::size_t i = 0; i < kFlipOutcomes; ++i) by_kind[kind].at(i) += counts.at(i);
  silent.insert(silent.end(), other.silent.begin(), other.silent.end());
}

FlipReport flip_bits(const FlipTarget& target, const FlipOptions& options) {
  // A compaction that meets the bit sleeps for a second, on a thread that all stores share.
  rocksdb::Env::Default()->IncBackgroundThreadsIfNeeded(static_cast<int>(options.threads),
                                                        rocksdb::Env::LOW);
  std::vector<FlipReport> shares(options.threads);
  {
    std::vector<std::jthread> threads;
    for (unsigned share = 0; share < options.threads; ++share)
      threads.emplace_back([&, share] { shares[share] = Flipper(target, options).run(share); });
  }
  FlipReport report;
  for (const FlipReport& share : shares) report.add(share);
  return report;
}

}  // namespace reprise::testing
