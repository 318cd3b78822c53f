#include "activities/offline/call_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "activities/contracts/json_value.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

namespace reprise {
namespace {

std::string quoted(std::string_view text) {
  std::string json;
  append_json_text(json, text);
  return json;
}

}  // namespace

Result<CallLog> CallLog::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(Errc::io,
                fmt::format("cannot open the call log {}: {}", path, std::strerror(errno)));
  return CallLog(file);
}

CallLog::CallLog(CallLog&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

CallLog& CallLog::operator=(CallLog&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

CallLog::~CallLog() {
  if (file_ >= 0) ::close(file_);
}

void CallLog::append(const Entry& entry) const {
  if (file_ < 0) return;
  const std::string line =
      fmt::format("{{\"attempt\":{},\"key\":{},\"phase\":{},\"stage\":{},\"time\":\"{}\"}}\n",
                  entry.attempt, quoted(entry.key), quoted(entry.phase), quoted(entry.stage),
                  to_rfc3339(system_clock().utc()));
  const ssize_t written = ::write(file_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size()))
    log_warning("call_log_not_written", {{"reason", std::strerror(errno)}});
}

}  // namespace reprise
