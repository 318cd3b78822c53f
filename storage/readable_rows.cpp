#include "storage/readable_rows.hpp"

#include <algorithm>
#include <optional>

namespace reprise {
namespace {

// How finely places are told apart: as the longest keys are, those of workflow ids and a run.
constexpr std::size_t kPlaceBytesMin = 320;

bool reads_at(const EventLog& log, Table table, const std::string& from) {
  return log.scan(table, {.from = from, .limit = 1}).has_value();
}

// `place` as a big-endian number, plus two to the power of `bit`; nothing when that overflows.
std::optional<std::string> plus_power_of_two(std::string place, std::size_t bit) {
  std::size_t at = place.size() - 1 - bit / 8;
  unsigned carry = 1U << (bit % 8);
  while (true) {
    carry += static_cast<unsigned char>(place[at]);
    place[at] = static_cast<char>(carry);
    carry >>= 8U;
    if (carry == 0) return place;
    if (at == 0) return std::nullopt;
    --at;
  }
}

// The first place behind `failing` that reads, as far as it can be told; nothing: none does.
std::optional<std::string> place_behind(const EventLog& log, Table table, std::string failing) {
  failing.resize(std::max(failing.size() + 1, kPlaceBytesMin), '\0');
  std::size_t bit = 0;
  std::optional<std::string> good;
  for (; bit < failing.size() * 8 && !good; ++bit) {
    good = plus_power_of_two(failing, bit);
    if (!good) return std::nullopt;
    if (!reads_at(log, table, *good)) good.reset();
  }
  if (!good) return std::nullopt;
  // Between failing, where it does not read, and good, where it does.
  while (bit-- > 0) {
    const std::optional<std::string> middle = plus_power_of_two(failing, bit);
    if (!middle || *middle >= *good) continue;
    if (reads_at(log, table, *middle))
      good = middle;
    else
      failing = *middle;
  }
  return good;
}

}  // namespace

std::size_t visit_readable_rows(const EventLog& log, Table table, const VisitRow& visit) {
  std::size_t holes = 0;
  for (std::string from;;) {
    Result<std::vector<KeyValue>> row = log.scan(table, {.from = from, .limit = 1});
    if (row && row->empty()) return holes;
    if (row) {
      from = visit(row->front());
      continue;
    }
    ++holes;
    std::optional<std::string> next = place_behind(log, table, from);
    if (!next) return holes;
    from = std::move(*next);
  }
}

}  // namespace reprise
