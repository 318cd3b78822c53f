// DataDir: where a server's durable state lies. The server, the tools and the tests agree on it here.
//
//   DATA/log/                  the event log (RocksDB)
//   DATA/floor                 the durable floor
//   DATA/stuck-runs            runs whose code did not end: tools/reprise/stuck_runs.hpp
//   DATA/offline-calls.jsonl   what the embedded provider was asked, outside of the history
#pragma once

#include <filesystem>
#include <utility>

namespace reprise {

class DataDir {
 public:
  explicit DataDir(std::filesystem::path root) : root_(std::move(root)) {}
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path log() const { return root_ / "log"; }
  [[nodiscard]] std::filesystem::path floor() const { return root_ / "floor"; }
  [[nodiscard]] std::filesystem::path stuck_runs() const { return root_ / "stuck-runs"; }
  [[nodiscard]] std::filesystem::path offline_calls() const {
    return root_ / "offline-calls.jsonl";
  }

 private:
  std::filesystem::path root_;
};

}  // namespace reprise
