// Structured log lines: an event name, then key=value fields, on spdlog.
//
// Guarantees: one line per call, on stderr, text or JSON; values are quoted and control characters
//             escaped, so that input cannot forge a line. Keys and secrets never belong here.
// Thread:     any.
// Example:    log_info("server_ready", {{"address", "127.0.0.1:8000"}, {"runs", 3}});
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace reprise {

enum class LogLevel : unsigned char { debug, info, warning, error, off };
enum class LogFormat : unsigned char { text, json };

struct LogField {
  template <typename Integer>
    requires std::is_integral_v<Integer> && (!std::is_same_v<Integer, bool>)
  LogField(std::string_view k, Integer v) : key(k), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}

  std::string_view key;
  std::variant<std::int64_t, double, bool, std::string_view>
      value;  // views live as long as the call
};

using LogFields = std::initializer_list<LogField>;

void set_log(LogLevel level, LogFormat format);

void log_debug(std::string_view event, LogFields fields = {});
void log_info(std::string_view event, LogFields fields = {});
void log_warning(std::string_view event, LogFields fields = {});
void log_error(std::string_view event, LogFields fields = {});

}  // namespace reprise
