#include "tools/reprise/stuck_runs.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <sstream>
#include <vector>

#include "storage/posix_file.hpp"

namespace reprise::cli {
namespace {

constexpr std::size_t kFileBytesMax = 1U << 20U;

// Empty when there is no such file.
Result<std::string> contents(const std::filesystem::path& path, std::size_t bytes_max) {
  const Result<PosixFile> file = PosixFile::open(path, O_RDONLY);
  if (!file && file.error().code == Errc::not_found) return std::string();
  if (!file) return std::unexpected(file.error());
  return file->read_at(0, bytes_max);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

Result<std::set<RunId>> StuckRuns::read() const {
  const Result<std::string> text = contents(path_, kFileBytesMax);
  if (!text) return std::unexpected(text.error());
  std::set<RunId> runs;
  for (const std::string& line : lines_of(*text)) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string::npos || line.substr(blank + 1) != program_) continue;
    if (const auto run = parse_run_id(line.substr(0, blank))) runs.insert(*run);
  }
  return runs;
}

Result<> StuckRuns::add(const RunId& run) const {
  const Result<std::string> text = contents(path_, kFileBytesMax);
  if (!text) return std::unexpected(text.error());
  std::vector<std::string> lines = lines_of(*text);
  lines.push_back(to_string(run) + " " + program_);
  if (lines.size() > kRunsMax) lines.erase(lines.begin());
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return replace_file_durably(path_, all);
}

Result<std::string> this_program() {
  const std::filesystem::path program = "/proc/self/exe";
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(program, error);
  if (error) return fail(Errc::io, program.string() + ": " + error.message());
  const auto written = std::filesystem::last_write_time(program, error);
  if (error) return fail(Errc::io, program.string() + ": " + error.message());
  return fmt::format("{}-{}", bytes, written.time_since_epoch().count());
}

}  // namespace reprise::cli
