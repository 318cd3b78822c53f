#include "activities/providers/provider_options.hpp"

namespace reprise {

std::string_view to_string(StructuredOutput mode) noexcept {
  switch (mode) {
    case StructuredOutput::json_schema: return "json_schema";
    case StructuredOutput::json_object: return "json_object";
    case StructuredOutput::none: return "none";
  }
  return "none";
}

std::optional<StructuredOutput> parse_structured_output(std::string_view name) {
  for (const auto mode :
       {StructuredOutput::json_schema, StructuredOutput::json_object, StructuredOutput::none})
    if (to_string(mode) == name) return mode;
  return std::nullopt;
}

}  // namespace reprise
