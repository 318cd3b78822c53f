// WorkerProcess: a remote worker's program as a child process that a test stops, continues and kills.
//
//     WorkerProcess worker({"python3", script, server.url(), "queue"});
//     const std::string token = worker.wait_for("began ");     // the rest of the line
//     worker.signal(SIGKILL);
//
// Guarantees: the child leads a process group of its own, which the destructor kills; it dies with the
//             thread that started it. What it writes, on both outputs, is read all the time.
// Thread:     one at a time.
// Errors:     std::runtime_error, with what it wrote: it serves tests only.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/time.hpp"

namespace reprise::testing {

// Whether a program of this name is on the PATH.
bool has_program(std::string_view name);

class WorkerProcess {
 public:
  explicit WorkerProcess(std::vector<std::string> command);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // The rest of the next line, behind those that were given before, that begins with `mark`.
  std::string wait_for(std::string_view mark);
  void signal(int number) const;
  // Waits for its end: the exit status, or 128 and the signal that ended it.
  int wait_until_gone();
  [[nodiscard]] std::string log() const;

 private:
  void read_log(int file);
  int reap();

  pid_t pid_ = -1;
  mutable std::mutex mutex_;  // guards the three below
  std::condition_variable changed_;
  std::string log_;
  bool log_ended_ = false;
  std::size_t looked_at_ = 0;  // lines in log_ before it were given, or passed over
  std::jthread reader_;
};

}  // namespace reprise::testing
