// StoreDraft: a store that is being made from another one, by restore or by salvage.
//
// Guarantees: it is made under TARGET.unfinished, and stands at TARGET once it is whole: with an
//             identity of its own, a floor at its last group, verified from the first group on, and
//             synced. One that is not finished is removed.
// Thread:     blocks; a tool's.
// Errors:     already_exists (the target, or what an earlier attempt left), corrupt (what is not right
//             in it), io.        Why: ADR-0017.
#pragma once

#include <filesystem>
#include <memory>
#include <utility>

#include "base/result.hpp"
#include "engine/runtime/verify.hpp"
#include "storage/data_dir.hpp"
#include "storage/rocksdb_log.hpp"
#include "storage/store_identity.hpp"

namespace reprise {

class StoreDraft {
 public:
  // `target` must not be there, or be an empty directory.
  static Result<StoreDraft> begin(const std::filesystem::path& target);

  StoreDraft(StoreDraft&& other) noexcept
      : target_(std::exchange(other.target_, {})), dir_(std::move(other.dir_)) {}
  StoreDraft& operator=(StoreDraft&&) = delete;
  ~StoreDraft();

  [[nodiscard]] const DataDir& dir() const { return dir_; }

  // The log must be closed. `mark`: its last group.
  Result<StoreReport> finish(const StoreIdentity& identity, const FloorMark& mark,
                             const Catalog& catalog);

 private:
  StoreDraft(std::filesystem::path target, DataDir dir)
      : target_(std::move(target)), dir_(std::move(dir)) {}

  std::filesystem::path target_;  // empty: moved from, or finished
  DataDir dir_;
};

}  // namespace reprise
