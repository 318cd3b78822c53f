#include "tools/reprise/problem_text.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/reprise/json_read.hpp"

namespace reprise::cli {

std::string problem_text(int status, std::string_view body, const TextStyle& style) {
  const Json problem = parse_or_null(body);
  const std::string title = text_at(problem, "title");
  const std::string detail = printable(raw_text_at(problem, "detail"), /*one_line=*/false);
  std::string out = style.paint(Tone::bad, "refused: ");
  if (title.empty() && detail.empty()) {
    out += fmt::format("HTTP {}", status);
    if (!body.empty()) out += ": " + cut(printable(body), 300);
    return out + "\n";
  }
  out += fmt::format("{} ({})\n", title.empty() ? "the server said no" : title, status);
  const Json& errors = at(problem, "errors");
  if (!errors.is_object() || errors.empty())
    return detail.empty() ? out : out + wrapped(detail, style.columns, "  ");
  TextTable fields;
  for (const auto& [field, reason] : errors.items())
    fields.add({{.text = printable(field), .tone = Tone::bold}, {.text = plain_text(reason)}});
  return out + fields.text(style, "  ");
}

std::string error_text(const Error& error, const TextStyle& style) {
  const std::string where = error.field.empty() ? "" : error.field + ": ";
  return style.paint(Tone::bad, "reprise: ") + where + error.detail + "\n";
}

}  // namespace reprise::cli
