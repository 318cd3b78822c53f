// View: a small picture of a run, made by folding its events, kept beside the history.
//
// Guarantees: a pure function of the events in order; stored with its fold's version, so that a
//             build with another fold makes it anew from the history. At most 4 KiB as stored;
//             a fold keeps references and counts, not texts.
// Why:        architecture, section 9.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "engine/core/event.hpp"

namespace reprise {

inline constexpr std::size_t kViewBytesMax = 4096;

// The part of a view that a workflow type adds.
class ViewFold {
 public:
  virtual ~ViewFold() = default;
  // True when encode() may give something else than before.
  virtual bool apply(const Event& event) = 0;
  // A JSON object, at most kViewBytesMax - 1024 bytes.
  [[nodiscard]] virtual std::string encode() const = 0;
};

struct ViewDefinition {
  std::uint32_t version = 1;
  std::function<std::unique_ptr<ViewFold>()> make;  // empty: the type adds nothing
};

enum class RunStatus : std::uint8_t {
  running = 1,
  completed = 2,
  failed = 3,
  cancelled = 4,
  continued = 5,   // as a new run of its workflow
  terminated = 6,  // from outside
  timed_out = 7,
};

std::string_view to_string(RunStatus status) noexcept;
// The status of a run whose last event is `end`.
RunStatus status_after(const EventBody& end);

// What every run shows, whatever its type.
struct RunView {
  WorkflowId workflow;
  RunId run;
  std::string type;
  RunStatus status = RunStatus::running;
  UtcTime started_at;
  UtcTime updated_at;  // of the last event that changed the view
  UtcTime closed_at;   // 0 while it runs
  Sequence last;       // the event up to which this view is folded
  std::uint32_t fold_version = 0;
  std::string custom;  // JSON object of the type's own fold; empty: none
  friend bool operator==(const RunView&, const RunView&) = default;
};

std::string encode_view(const RunView& view);
Result<RunView> decode_view(std::string_view bytes);

// Folds a run's events into its view.
class RunViewFolder {
 public:
  RunViewFolder(RunId run, const ViewDefinition* definition);
  // True when the stored row is out of date.
  bool apply(const Event& event);
  [[nodiscard]] RunView view() const;

 private:
  RunView view_;
  std::unique_ptr<ViewFold> custom_;
};

}  // namespace reprise
