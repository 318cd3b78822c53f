#include "base/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cmath>
#include <memory>

#include "base/time.hpp"

namespace reprise {
namespace {

std::atomic<LogFormat> g_format{LogFormat::text};

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("reprise",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::info);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
        else
          out += c;
    }
  }
  out += '"';
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7f)
      return true;
  return false;
}

void append_value(std::string& out, const LogField& field, LogFormat format) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    if (format == LogFormat::json || needs_quotes(*text))
      append_quoted(out, *text);
    else
      out += *text;
    return;
  }
  const auto* number = std::get_if<double>(&field.value);
  if (number != nullptr && format == LogFormat::json && !std::isfinite(*number)) {
    out += "null";  // JSON has no other word for it
    return;
  }
  std::visit(
      [&](const auto& value) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(value)>, std::string_view>)
          fmt::format_to(std::back_inserter(out), "{}", value);
      },
      field.value);
}

void write(spdlog::level::level_enum level, std::string_view name, std::string_view event,
           LogFields fields) {
  if (!logger().should_log(level)) return;
  const LogFormat format = g_format.load(std::memory_order_relaxed);
  const std::string time = to_rfc3339(system_clock().utc());
  std::string line;
  if (format == LogFormat::json) {
    line = fmt::format(R"({{"time":"{}","level":"{}","event":)", time, name);
    append_quoted(line, event);
    for (const LogField& field : fields) {
      line += ',';
      append_quoted(line, field.key);
      line += ':';
      append_value(line, field, format);
    }
    line += '}';
  } else {
    line = fmt::format("{} {:<7} {}", time, name, event);
    for (const LogField& field : fields) {
      line += ' ';
      line += field.key;
      line += '=';
      append_value(line, field, format);
    }
  }
  logger().log(level, line);
}

}  // namespace

void set_log(LogLevel level, LogFormat format) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err,
                                                   spdlog::level::off};
  g_format.store(format, std::memory_order_relaxed);
  logger().set_level(kLevels[static_cast<std::size_t>(level)]);
}

void log_debug(std::string_view event, LogFields fields) {
  write(spdlog::level::debug, "debug", event, fields);
}
void log_info(std::string_view event, LogFields fields) {
  write(spdlog::level::info, "info", event, fields);
}
void log_warning(std::string_view event, LogFields fields) {
  write(spdlog::level::warn, "warning", event, fields);
}
void log_error(std::string_view event, LogFields fields) {
  write(spdlog::level::err, "error", event, fields);
}

}  // namespace reprise
