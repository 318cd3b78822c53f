#include "tests/support/server_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace reprise::testing {
namespace {

// Start and ordered stop, on a slow machine under a sanitizer.
constexpr Duration kPatience = std::chrono::seconds(60);
constexpr std::size_t kLogShownBytes = 4000;

constexpr std::array kHandedOn = {"PATH",         "HOME",           "TMPDIR",
                                  "ASAN_OPTIONS", "LSAN_OPTIONS",   "UBSAN_OPTIONS",
                                  "TSAN_OPTIONS", "LD_LIBRARY_PATH"};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The address that a line of the server's log names, when it says that the server is ready.
std::string address_in(std::string_view line) {
  const auto fields = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!fields.is_object() || fields.value("event", "") != "server_ready") return {};
  return fields.value("address", "");
}

std::string address_among(std::string_view log) {
  while (true) {
    const std::size_t end = log.find('\n');
    if (end == std::string_view::npos) return {};
    if (std::string address = address_in(log.substr(0, end)); !address.empty()) return address;
    log.remove_prefix(end + 1);
  }
}

}  // namespace

std::filesystem::path server_binary() { return REPRISE_BINARY; }

ServerProcess::~ServerProcess() {
  if (pid_ > 0) kill();
}

void ServerProcess::start() {
  if (pid_ > 0) throw std::runtime_error("the server runs already");
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  pid_ = spawn(ends[1]);
  ::close(ends[1]);
  life_began_ = log().size();
  log_ended_ = false;
  reader_ = std::jthread([this, file = ends[0]] { read_log(file); });
  url_ = wait_until_ready();
}

// Between fork and exec only what is safe in a child of a process with threads.
pid_t ServerProcess::spawn(int log_write) const {
  const bool is_first = url_.empty() || !options_.keeps_port;
  const std::string address =
      is_first ? std::string("127.0.0.1:0") : url_.substr(url_.rfind('/') + 1);
  std::vector<std::string> arguments = {server_binary().string(), "serve",    "--data",
                                        options_.data.string(),   "--listen", address,
                                        "--log-format",           "json"};
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
  std::vector<std::string> environment = options_.environment;
  for (const char* name : kHandedOn)
    if (const char* value = std::getenv(name); value != nullptr)
      environment.push_back(fmt::format("{}={}", name, value));
  const std::vector<char*> argv = pointers_to(arguments);
  const std::vector<char*> envp = pointers_to(environment);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  ::dup2(log_write, STDOUT_FILENO);
  ::dup2(log_write, STDERR_FILENO);
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  ::execve(argv.front(), argv.data(), envp.data());
  ::_exit(127);
}

void ServerProcess::read_log(int file) {
  std::array<char, 4096> bytes{};
  for (;;) {
    const ssize_t count = ::read(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    const std::lock_guard lock(mutex_);
    if (count <= 0) break;
    log_.append(bytes.data(), static_cast<std::size_t>(count));
    changed_.notify_all();
  }
  ::close(file);
  const std::lock_guard lock(mutex_);
  log_ended_ = true;
  changed_.notify_all();
}

std::string ServerProcess::wait_until_ready() {
  std::string address;
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] {
      address = address_among(std::string_view(log_).substr(life_began_));
      return !address.empty() || log_ended_;
    });
  }
  if (!address.empty()) return address;
  kill();
  const std::string said = log().substr(life_began_);
  throw std::runtime_error("the server did not become ready:\n" +
                           said.substr(said.size() - std::min(said.size(), kLogShownBytes)));
}

void ServerProcess::kill() {
  if (pid_ <= 0) throw std::runtime_error("no server runs");
  ::kill(pid_, SIGKILL);
  wait_until_gone(kPatience);
}

int ServerProcess::terminate() {
  if (pid_ <= 0) throw std::runtime_error("no server runs");
  ::kill(pid_, SIGTERM);
  return wait_until_gone(kPatience);
}

int ServerProcess::await_exit() {
  if (pid_ <= 0) throw std::runtime_error("no server runs");
  return wait_until_gone(kPatience);
}

// Its log ends with the process: nothing else holds the other end of the pipe.
int ServerProcess::wait_until_gone(Duration patience) {
  bool in_time = false;
  {
    std::unique_lock lock(mutex_);
    in_time = changed_.wait_for(lock, patience, [&] { return log_ended_; });
  }
  if (!in_time) ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
  reader_.join();
  if (!in_time) throw std::runtime_error("the server did not end");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string ServerProcess::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

}  // namespace reprise::testing
