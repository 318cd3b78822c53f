#include "tests/crash/call_log.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace reprise::testing {

std::map<std::string, CommandCalls> read_call_log(const std::filesystem::path& file) {
  std::map<std::string, CommandCalls> calls;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object()) throw std::runtime_error("no line of a call log: " + line);
    AttemptCalls& attempt =
        calls[entry.at("key").get<std::string>()][entry.at("attempt").get<std::uint32_t>()];
    ++(entry.at("phase") == "begin" ? attempt.begun : attempt.ended);
  }
  return calls;
}

}  // namespace reprise::testing
