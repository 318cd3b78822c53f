// CallLog: which calls a provider really saw, kept outside the history so that it can be held
// against it: what is recorded never runs again, what runs twice was never recorded.
//
// Guarantees: one JSON line for each entry, appended with one write(), so that lines of several
//             threads, and of a process that is killed, stay whole. Not synced.
// Thread:     any.
// Errors:     open() says why the file cannot be written; a line that cannot be written is noted in
//             the log of the process and dropped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reprise {

class CallLog {
 public:
  CallLog() = default;  // keeps nothing
  static Result<CallLog> open(const std::string& path);
  CallLog(CallLog&& other) noexcept;
  CallLog& operator=(CallLog&& other) noexcept;
  ~CallLog();

  struct Entry {
    std::string_view key;  // the idempotency key
    std::uint32_t attempt;
    std::string_view stage;
    std::string_view phase;  // "begin" or "end"
  };
  void append(const Entry& entry) const;

 private:
  explicit CallLog(int file) : file_(file) {}
  int file_ = -1;
};

}  // namespace reprise
