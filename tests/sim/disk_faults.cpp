#include "tests/sim/disk_faults.hpp"

#include <array>

namespace reprise::sim {

bool DiskFaults::strikes(std::uint64_t one_in) {
  return !calm_ && prng_.one_in(one_in) && script_.allows(Deed::fault);
}

DiskFault DiskFaults::on_append(std::uint64_t one_in) {
  if (!strikes(one_in)) return {};
  static constexpr std::array kKinds{DiskFault::Kind::io, DiskFault::Kind::full,
                                     DiskFault::Kind::short_write};
  static constexpr std::array kMarks{"disk.append_error", "disk.append_full", "disk.append_short"};
  const std::uint64_t which = prng_.below(kKinds.size());
  marks_.hit(kMarks.at(which));
  return {kKinds.at(which), prng_.next()};
}

DiskFault DiskFaults::on_sync(std::uint64_t one_in) {
  if (!strikes(one_in)) return {};
  const bool full = prng_.percent(50);
  marks_.hit(full ? "disk.sync_full" : "disk.sync_error");
  return {full ? DiskFault::Kind::full : DiskFault::Kind::io, 0};
}

}  // namespace reprise::sim
