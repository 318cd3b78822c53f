#include "activities/contracts/task_result.hpp"

#include <fmt/format.h>

namespace reprise {
namespace {

void append_list(std::string& out, std::string_view title, const std::vector<std::string>& items) {
  if (items.empty()) return;
  out += fmt::format("\n## {}\n\n", title);
  for (const std::string& item : items) out += fmt::format("- {}\n", item);
}

}  // namespace

Payload encode(const TaskResult& result) {
  return {JsonWriter::object(result, JsonWriter::Defaults::write)};
}

std::string to_markdown(const FinalAnswer& answer, const std::vector<std::string>& missing) {
  std::string out = answer.executive_summary + "\n";
  for (const AnswerSection& section : answer.sections)
    out += fmt::format("\n## {}\n\n{}\n", section.title, section.content);
  append_list(out, "Key insights", answer.key_insights);
  append_list(out, "Recommendations", answer.recommendations);
  append_list(out, "Limitations", answer.limitations);
  append_list(out, "Missing from this answer", missing);
  out += fmt::format("\nConfidence: {}\n", to_string(answer.confidence));
  return out;
}

}  // namespace reprise
