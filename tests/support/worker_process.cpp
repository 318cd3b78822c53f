#include "tests/support/worker_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>

namespace reprise::testing {
namespace {

constexpr Duration kPatience = std::chrono::seconds(60);

// The rest of the first whole line behind `from` that begins with `mark`; moves `from` behind it.
std::optional<std::string> line_in(std::string_view log, std::size_t& from, std::string_view mark) {
  for (std::size_t end = log.find('\n', from); end != std::string_view::npos;
       end = log.find('\n', from)) {
    const std::string_view line = log.substr(from, end - from);
    from = end + 1;
    if (line.starts_with(mark)) return std::string(line.substr(mark.size()));
  }
  return std::nullopt;
}

}  // namespace

bool has_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path != nullptr ? path : ""; !rest.empty();) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::filesystem::path program = std::filesystem::path(rest.substr(0, end)) / name;
    if (::access(program.c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

// Between fork and exec only what is safe in a child of a process with threads.
WorkerProcess::WorkerProcess(std::vector<std::string> command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::setpgid(0, 0);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::execvp(argv.front(), argv.data());
    ::_exit(127);
  }
  ::setpgid(pid_, pid_);  // whichever of the two is first
  ::close(ends[1]);
  reader_ = std::jthread([this, file = ends[0]] { read_log(file); });
}

WorkerProcess::~WorkerProcess() {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  reap();
}

void WorkerProcess::read_log(int file) {
  std::array<char, 4096> bytes{};
  for (;;) {
    const ssize_t count = ::read(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    const std::lock_guard lock(mutex_);
    log_ended_ = count <= 0;
    if (!log_ended_) log_.append(bytes.data(), static_cast<std::size_t>(count));
    changed_.notify_all();
    if (log_ended_) break;
  }
  ::close(file);
}

std::string WorkerProcess::wait_for(std::string_view mark) {
  std::unique_lock lock(mutex_);
  std::optional<std::string> found;
  changed_.wait_for(lock, kPatience, [&] {
    found = line_in(log_, looked_at_, mark);
    return found.has_value() || log_ended_;
  });
  if (found) return *found;
  throw std::runtime_error("the worker did not say \"" + std::string(mark) + "\":\n" + log_);
}

void WorkerProcess::signal(int number) const {
  if (pid_ <= 0 || ::kill(-pid_, number) != 0) throw std::runtime_error("no worker runs");
}

int WorkerProcess::wait_until_gone() {
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [&] { return log_ended_; }))
      throw std::runtime_error("the worker did not end:\n" + log_);
  }
  return reap();
}

int WorkerProcess::reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
  reader_.join();
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string WorkerProcess::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

}  // namespace reprise::testing
