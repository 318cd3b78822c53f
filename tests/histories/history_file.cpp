#include "tests/histories/history_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "engine/core/codec.hpp"

namespace reprise::corpus {
namespace {

std::string to_hex_text(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string from_hex_text(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

}  // namespace

std::string to_text(const HistoryFile& history) {
  nlohmann::ordered_json head;
  head["name"] = history.name;
  head["description"] = history.description;
  head["group"] = history.group;
  head["run"] = to_string(history.run);
  head["status"] = history.status;
  std::string text = head.dump() + "\n";
  for (const std::string& bytes : history.records) {
    nlohmann::ordered_json line;
    line["first"] = decode_record(history.run, bytes, {})->record.events.front().sequence.value();
    line["record"] = to_hex_text(bytes);
    text += line.dump() + "\n";
  }
  return text;
}

HistoryFile parse_history(const std::string& text) {
  std::istringstream in(text);
  std::string line;
  std::getline(in, line);
  const auto head = nlohmann::json::parse(line);
  HistoryFile history{.name = head.at("name"),
                      .description = head.at("description"),
                      .group = head.at("group"),
                      .run = parse_run_id(head.at("run").get<std::string>()).value(),
                      .status = head.at("status"),
                      .records = {}};
  while (std::getline(in, line))
    history.records.push_back(from_hex_text(nlohmann::json::parse(line).at("record")));
  return history;
}

std::vector<std::filesystem::path> history_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".jsonl") found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

HistoryFile read_history(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return parse_history(text.str());
}

}  // namespace reprise::corpus
