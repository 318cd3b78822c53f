// ServerProcess: the real `reprise serve` as a child process that a test starts, kills and listens to.
//
//     ServerProcess server({.data = dir.path(), .arguments = {"--provider", "offline"}});
//     server.start();  … call server.url() …  server.kill();  server.start();  // the same data
//
// Guarantees: start() returns when the server has said that it is ready; the system chooses its port,
//             another one each time unless it keeps it. kill() returns when the process is gone. The destructor kills what
//             still runs, and the child dies with the thread that started it. Of the test's own
//             environment only what the sanitizers and the loader need is handed on: no key, no proxy.
// Thread:     one at a time; log() from any.
// Errors:     std::runtime_error, with the end of the server's log: it serves tests only.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/time.hpp"

namespace reprise::testing {

// The binary under test.
std::filesystem::path server_binary();

struct ServerOptions {
  std::filesystem::path data;
  std::vector<std::string> arguments;    // besides --data, --listen and --log-format json
  std::vector<std::string> environment;  // "NAME=value"
  bool keeps_port = false;               // each life listens where the first one did
};

class ServerProcess {
 public:
  explicit ServerProcess(ServerOptions options) : options_(std::move(options)) {}
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  void start();
  // SIGKILL.
  void kill();
  // SIGTERM; the exit status, or 128 and the signal that ended it.
  int terminate();
  // Waits until it ends by itself; the same.
  int await_exit();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const std::string& url() const { return url_; }  // "http://127.0.0.1:40001"
  // All that its lives have written so far.
  [[nodiscard]] std::string log() const;

 private:
  [[nodiscard]] pid_t spawn(int log_write) const;
  void read_log(int file);
  [[nodiscard]] std::string wait_until_ready();
  int wait_until_gone(Duration patience);

  const ServerOptions options_;
  pid_t pid_ = -1;
  std::string url_;

  mutable std::mutex mutex_;  // guards the three below
  std::condition_variable changed_;
  std::string log_;
  bool log_ended_ = true;

  std::size_t life_began_ = 0;  // where in log_ the present life begins
  std::jthread reader_;
};

}  // namespace reprise::testing
