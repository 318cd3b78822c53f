// HistoryChecker: folds the records of one run, in order, and says whether they are what was written.
//
// Checked: the chain from the first record on, dense sequences, legal transitions (RunState). Hashes
//          and blobs were checked when a record was decoded.
// Thread:  one at a time.
// Errors:  corrupt, unsupported. The fold is spoilt then: it may hold a part of the record.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "engine/core/catalog.hpp"
#include "engine/core/codec.hpp"
#include "engine/core/run_state.hpp"
#include "engine/core/view.hpp"

namespace reprise {

class HistoryChecker {
 public:
  HistoryChecker(const Catalog& catalog, const RunId& run);

  // The next record, and its bytes as stored.
  Result<> take(const DecodedRecord& decoded, std::size_t bytes);

  [[nodiscard]] bool empty() const { return !state_.started().has_value(); }
  [[nodiscard]] const RunState& state() const { return state_; }
  // What the next record must follow.
  [[nodiscard]] const Digest& tail() const { return tail_; }
  // Of a history that is not empty.
  [[nodiscard]] RunView view() const { return view_->view(); }
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  Result<> take_event(const Event& event);

  const Catalog& catalog_;
  RunState state_;
  Digest tail_;
  std::optional<RunViewFolder> view_;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace reprise
