// StuckRuns: the runs whose code did not end, noted in a file beside the data.
//
//   DATA/stuck-runs   a line for each: the run's id, and which program ran it
// Guarantees: add() is durable when it returns; only the runs of this very program count, so that a
//             mended build takes them up by itself. At most kRunsMax lines, the oldest dropped.
// Errors:     io; a line that cannot be read is passed over.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace reprise::cli {

class StuckRuns {
 public:
  static constexpr std::size_t kRunsMax = 1000;

  StuckRuns(std::filesystem::path path, std::string program)
      : path_(std::move(path)), program_(std::move(program)) {}

  // Of this program. No file: none.
  [[nodiscard]] Result<std::set<RunId>> read() const;
  [[nodiscard]] Result<> add(const RunId& run) const;

 private:
  std::filesystem::path path_;
  std::string program_;
};

// Names the executable that is running: its size and when it was written. A copy has another name, and
// gives the run another try.
Result<std::string> this_program();

}  // namespace reprise::cli
