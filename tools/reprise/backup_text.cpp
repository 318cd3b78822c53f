#include "tools/reprise/backup_text.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/reprise/json_read.hpp"

namespace reprise::cli {
namespace {

Tone tone_of(std::string_view status) {
  if (status == "complete") return Tone::good;
  return status == "failed" ? Tone::bad : Tone::accent;
}

std::string size_of(const Json& backup) {
  const auto bytes = count_at(backup, "bytes");
  return bytes ? fmt::format("{:.1f} MiB", static_cast<double>(*bytes) / (1 << 20)) : "";
}

}  // namespace

std::string backup_text(std::string_view json, const TextStyle& style) {
  const Json backup = parse_or_null(json);
  const std::string status = text_at(backup, "status");
  std::string text = fmt::format("{}  {}", style.paint(Tone::bold, text_at(backup, "name")),
                                 style.paint(tone_of(status), status));
  if (status == "complete")
    text += fmt::format("  to group {}, {} files, {}", plain_text(at(backup, "group")),
                        plain_text(at(backup, "files")), size_of(backup));
  const std::string reason = text_at(backup, "reason");
  if (!reason.empty()) text += "\n  " + reason;
  return text + "\n";
}

std::string backup_list_text(std::string_view json, const TextStyle& style) {
  const Json page = parse_or_null(json);
  const Json& backups = at(page, "backups");
  if (!backups.is_array() || backups.empty()) return "no backups\n";
  TextTable table({"BACKUP", "STATUS", "CREATED", "GROUP", "SIZE", "STORE"});
  for (const Json& backup : backups) {
    const std::string status = text_at(backup, "status");
    table.add({{.text = text_at(backup, "name")},
               {.text = status, .tone = tone_of(status)},
               {.text = text_at(backup, "created_at")},
               {.text = plain_text(at(backup, "group")), .right = true},
               {.text = size_of(backup), .right = true},
               {.text = first_text_at(backup, {"store_id", "reason"})}});
  }
  return table.text(style);
}

}  // namespace reprise::cli
