// A recorded history as a file of JSON lines, made to be read by people and kept for ever.
//
//   {"name": "chain", "description": "…", "group": "activities", "run": "run_…", "status": "completed"}
//   {"first": 1, "record": "01a2…"}       one line for each record: its first event, its bytes in hex
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/run.hpp"

namespace reprise::corpus {

struct HistoryFile {
  std::string name;
  std::string description;
  std::string group;
  RunId run;
  std::string status;                // how the run stands at its end
  std::vector<std::string> records;  // their bytes
};

std::string to_text(const HistoryFile& history);
// Throws what says where, when the text is not such a file.
HistoryFile parse_history(const std::string& text);

// The files of a folder, in the order of their names.
std::vector<std::filesystem::path> history_files(const std::filesystem::path& folder);
HistoryFile read_history(const std::filesystem::path& file);

}  // namespace reprise::corpus
