#include "tools/reprise/task_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/reprise/json_read.hpp"

namespace reprise::cli {
namespace {

constexpr std::size_t kProseColumnsMax = 96;  // longer lines are hard to read

std::string heading(std::string_view text, const TextStyle& style) {
  return "\n" + style.paint(Tone::bold, text) + "\n";
}

std::string subtask_table(const TaskPicture& task, const TextStyle& style) {
  TextTable table;
  for (const SubtaskPicture& subtask : task.subtasks) {
    table.add({{.text = std::string(subtask.glyph(style)), .tone = subtask.tone()},
               {.text = cut(subtask.title, style.columns > 70 ? style.columns - 50 : 24,
                            style.glyph("…", "~"))},
               {.text = subtask.specialist, .tone = Tone::dim},
               {.text = subtask.status, .tone = subtask.tone()},
               {.text = subtask.score ? fmt::format("{:.1f}", *subtask.score) : ""}});
  }
  return table.text(style, "  ");
}

// Headings, list items and paragraphs of Markdown; anything else stands as it is.
std::string markdown_line(std::string_view line, std::size_t columns, const TextStyle& style) {
  if (line.starts_with('#')) {
    line.remove_prefix(std::min(line.find_first_not_of("# "), line.size()));
    return "  " + style.paint(Tone::bold, line) + "\n";
  }
  const std::size_t text = line.find_first_not_of(' ');
  if (text == std::string_view::npos) return "\n";
  if (line.substr(text, 2) != "- ") return wrapped(line, columns, "    ");
  const std::string indent(text + 6, ' ');
  std::string item = wrapped(line.substr(text + 2), columns, indent);
  return item.replace(text + 4, 1, style.glyph("•", "-"));
}

std::string markdown_text(std::string_view markdown, const TextStyle& style) {
  const std::string text = printable(markdown, /*one_line=*/false);
  const std::size_t columns = std::min(style.columns, kProseColumnsMax);
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string lines = markdown_line(rest.substr(0, end), columns, style);
    if (lines != "\n" || !out.ends_with("\n\n")) out += lines;  // one empty line is enough
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return out;
}

// What a reader must know before relying on the answer.
std::string caveats(const Json& result, const TextStyle& style) {
  std::string out;
  const auto say = [&](std::string_view text) {
    out += "  " + style.paint(Tone::warn, std::string(style.glyph("▲ ", "! ")) += text) + "\n";
  };
  if (text_at(result, "completion") == "partial")
    say("partial: the answer does without " + plain_text(at(result, "missing")));
  const Json& approved = at(result, "approved");
  if (approved.is_boolean() && !approved.get<bool>()) say("the final review did not approve it");
  if (true_at(at(result, "usage"), "simulated"))
    say("written by `offline`, the built-in stand-in, not by a model");
  return out;
}

std::string usage_line(const Json& usage, const TextStyle& style) {
  const auto calls = count_at(usage, "calls");
  if (!calls) return {};
  return style.paint(Tone::dim, fmt::format("  {} model calls, {} tokens in, {} tokens out\n",
                                            *calls, count_at(usage, "input_tokens").value_or(0),
                                            count_at(usage, "output_tokens").value_or(0)));
}

std::string answer_text(const Json& result, const TextStyle& style) {
  std::string out = heading("Answer", style);
  const std::string answer = raw_text_at(result, "final_answer");
  out += markdown_text(answer.empty() ? plain_text(result) : answer, style);
  if (const Json& sources = at(result, "sources"); sources.is_array() && !sources.empty()) {
    out += "\n  " + style.paint(Tone::bold, "Sources") + "\n\n";
    for (const Json& source : sources)
      out += markdown_line("- " + plain_text(source), style.columns, style);
  }
  out += "\n" + caveats(result, style);
  return out + usage_line(at(result, "usage"), style);
}

}  // namespace

std::string created_task_text(std::string_view json, const TextStyle& style) {
  const std::string id = text_at(parse_or_null(json), "task_id");
  return fmt::format("{}\n{}\n", style.paint(Tone::bold, id),
                     style.paint(Tone::dim, "  follow it: reprise watch " + id +
                                                "\n  its answer: reprise result " + id));
}

std::string task_list_text(std::string_view json, const TextStyle& style) {
  const Json page = parse_or_null(json);
  const Json& tasks = at(page, "tasks");
  if (!tasks.is_array() || tasks.empty()) {
    const auto total = count_at(at(page, "pagination"), "total").value_or(0);
    if (total > 0) return fmt::format("no tasks on this page; {} in all: --page 1\n", total);
    return "no tasks; hand one in: reprise add \"…\"\n";
  }
  TextTable table({"TASK", "STATUS", "PROGRESS", "STAGE", "TITLE"});
  for (const Json& item : tasks) {
    const std::string status = text_at(item, "status");
    table.add({{.text = text_at(item, "task_id")},
               {.text = status, .tone = tone_of_status(status)},
               {.text = fmt::format("{} %", count_at(item, "progress").value_or(0)), .right = true},
               {.text = text_at(item, "current_stage"), .tone = Tone::dim},
               {.text = text_at(item, "title")}});
  }
  std::string out = table.text(style);
  const Json& pages = at(page, "pagination");
  if (count_at(pages, "pages").value_or(1) > 1)
    out += style.paint(
        Tone::dim,
        fmt::format("page {} of {}, {} tasks; the next: --page {}\n", plain_text(at(pages, "page")),
                    plain_text(at(pages, "pages")), plain_text(at(pages, "total")),
                    count_at(pages, "page").value_or(1) + 1));
  return out;
}

std::string task_status_text(const TaskPicture& task, const TextStyle& style) {
  std::string out = fmt::format("{}  {}  {}  {}\n", task.id,
                                style.paint(tone_of_status(task.status), task.status),
                                progress_bar(task.progress, style), task.stage);
  if (!task.error.empty()) out += "  " + style.paint(Tone::bad, task.error) + "\n";
  if (task.status == "waiting_for_human")
    out += "  decide: reprise approve " + task.id + " --decision accept|retry|reject\n";
  return out;
}

std::string task_text(const TaskPicture& task, const Timeline& timeline, const TextStyle& style) {
  std::string out = style.paint(Tone::bold, task.title) + "\n" + task_status_text(task, style);
  TextTable facts;
  const auto fact = [&facts](std::string_view name, std::string value) {
    if (!value.empty())
      facts.add({{.text = std::string(name), .tone = Tone::dim}, {.text = std::move(value)}});
  };
  fact("priority", task.priority);
  fact("created", to_rfc3339(task.created_at));
  fact("used", task.usage);
  fact(task.has_ended() ? "took" : "running for",
       human_duration(task.updated_at - task.created_at));
  out += facts.text(style, "  ");
  if (!task.subtasks.empty()) out += heading("Subtasks", style) + subtask_table(task, style);
  if (!timeline.empty()) out += heading("Timeline", style) + timeline.text(style, "  ");
  return out;
}

std::string task_result_text(std::string_view json, const TextStyle& style) {
  const Json document = parse_or_null(json);
  const Json& result = at(document, "result");
  if (!result.is_null()) return answer_text(result, style);
  const std::string status = text_at(document, "status");
  std::string out = style.paint(tone_of_status(status), status) + "\n";
  const Json& error = at(document, "error");
  const std::string reason =
      error.is_object() ? first_text_at(error, {"message", "type"}) : plain_text(error);
  if (!reason.empty()) out += wrapped(reason, std::min(style.columns, kProseColumnsMax), "  ");
  return out;
}

}  // namespace reprise::cli
