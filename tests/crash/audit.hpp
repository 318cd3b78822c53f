// Audit: holds the data of a stopped server against what its clients were told, and against what its
// provider really did. Reads histories event by event, by rules of its own, beside the product's
// verification and replay.
//
// Guarantees: looks at everything and names each thing that is wrong.
// Errors:     std::runtime_error when the data cannot be opened: it serves tests only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/crash/load.hpp"

namespace reprise::testing {

struct AuditReport {
  std::vector<std::string> faults;
  // So that a reader sees that there was something to find.
  std::size_t runs = 0;
  std::size_t events = 0;
  std::size_t groups = 0;
  std::size_t activities_recorded = 0;
  std::size_t attempts_lost = 0;  // notes of attempts that died with their process
  std::size_t tasks_lost = 0;     // tasks that failed because one activity was lost three times
  std::size_t calls_begun = 0;    // by the provider's own log
  std::size_t calls_cut_off = 0;  // begun and not ended
};

AuditReport audit(const std::filesystem::path& data, const Acknowledged& acknowledged);

}  // namespace reprise::testing
