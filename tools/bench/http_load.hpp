// A real server process under load over loopback HTTP, one keep-alive connection for each loop.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "tools/bench/workload.hpp"

namespace reprise {

// `reprise serve --bench` as a child process; ended by the destructor.
class ServerProcess {
 public:
  ServerProcess(const std::filesystem::path& binary, const std::filesystem::path& data);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  std::uint16_t port_;
  pid_t pid_ = -1;
};

// `concurrency` connections, each: POST /workflows?wait, read the answer, again, for `time`.
Measured measure_over_http(std::uint16_t port, const Workload& workload, std::size_t concurrency,
                           Duration time);

}  // namespace reprise
