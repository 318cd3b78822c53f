#include "engine/core/view.hpp"

#include "engine/core/wire.hpp"

namespace reprise {
namespace {

// What the engine itself stores beside a custom view.
constexpr std::size_t kCustomBytesMax = kViewBytesMax - 1024;
constexpr unsigned char kViewVersion = 1;

}  // namespace

RunStatus status_after(const EventBody& end) {
  if (std::holds_alternative<RunCompleted>(end)) return RunStatus::completed;
  if (std::holds_alternative<RunContinued>(end)) return RunStatus::continued;
  if (std::holds_alternative<RunTerminated>(end)) return RunStatus::terminated;
  if (std::holds_alternative<RunTimedOut>(end)) return RunStatus::timed_out;
  return std::holds_alternative<RunFailed>(end) ? RunStatus::failed : RunStatus::cancelled;
}

std::string_view to_string(RunStatus status) noexcept {
  switch (status) {
    case RunStatus::running: return "running";
    case RunStatus::completed: return "completed";
    case RunStatus::failed: return "failed";
    case RunStatus::cancelled: return "cancelled";
    case RunStatus::continued: return "continued_as_new";
    case RunStatus::terminated: return "terminated";
    case RunStatus::timed_out: return "timed_out";
  }
  return "unknown";
}

std::string encode_view(const RunView& view) {
  std::string bytes;
  Writer out(bytes);
  out.varint(kViewVersion);
  out.bytes(view.workflow.text());
  out.fixed(view.run.bytes());
  out.bytes(view.type);
  out.varint(static_cast<std::uint8_t>(view.status));
  out.zigzag(view.started_at.micros());
  out.zigzag(view.updated_at.micros());
  out.zigzag(view.closed_at.micros());
  out.varint(view.last.value());
  out.varint(view.fold_version);
  out.bytes(view.custom);
  return bytes;
}

Result<RunView> decode_view(std::string_view bytes) {
  Reader in(bytes);
  if (in.varint() != kViewVersion) return fail(Errc::unsupported, "a view of another version");
  RunView view;
  view.workflow = WorkflowId(std::string(in.bytes()));
  const std::string_view run = in.fixed(RunId::kBytes);
  if (!in.ok()) return fail(Errc::corrupt, "a cut view");
  view.run = RunId::from_bytes(run);
  view.type = in.bytes();
  view.status = static_cast<RunStatus>(in.number<std::uint8_t>());
  view.started_at = UtcTime::from_micros(in.zigzag());
  view.updated_at = UtcTime::from_micros(in.zigzag());
  view.closed_at = UtcTime::from_micros(in.zigzag());
  view.last = Sequence(in.varint());
  view.fold_version = in.number<std::uint32_t>();
  view.custom = in.bytes();
  if (!in.ok() || !in.at_end()) return fail(Errc::corrupt, "a cut view");
  return view;
}

RunViewFolder::RunViewFolder(RunId run, const ViewDefinition* definition) {
  view_.run = run;
  if (definition == nullptr) return;
  view_.fold_version = definition->version;
  if (definition->make) custom_ = definition->make();
}

bool RunViewFolder::apply(const Event& event) {
  view_.last = event.sequence;
  bool changed = custom_ != nullptr && custom_->apply(event);
  if (const auto* started = std::get_if<RunStarted>(&event.body)) {
    view_.workflow = started->workflow;
    view_.type = started->type;
    view_.started_at = event.time;
    changed = true;
  } else if (is_terminal(event.body)) {
    view_.status = status_after(event.body);
    view_.closed_at = event.time;
    changed = true;
  }
  if (changed) view_.updated_at = event.time;
  return changed;
}

RunView RunViewFolder::view() const {
  RunView view = view_;
  if (custom_ != nullptr) view.custom = custom_->encode();
  // A fold that breaks its bound shows nothing rather than a cut half.
  if (view.custom.size() > kCustomBytesMax) view.custom = R"({"view":"too large"})";
  return view;
}

}  // namespace reprise
