#include "engine/runtime/fork_copy.hpp"

#include "engine/runtime/log_reads.hpp"

namespace reprise {

Result<ForkPlan> find_fork_point(const EventLog& log, const RunId& run,
                                 const ResetRequest& request) {
  ForkPoint point({.event = request.event, .stage = request.stage, .visit = request.visit});
  for (Sequence from(1);;) {
    const Result<std::vector<DecodedRecord>> records =
        read_history(log, run, from, ForkCopy::kPageBytes);
    if (!records) return std::unexpected(records.error());
    bool is_found = records->empty();
    for (const DecodedRecord& record : *records)
      if (!is_found) is_found = point.take(record.record);
    if (is_found) break;
    from = records->back().record.events.back().sequence.next();
  }
  const Result<Sequence> through = point.through();
  if (!through) return std::unexpected(through.error());
  return ForkPlan{.from = run,
                  .to = {},
                  .through = *through,
                  .last_command = point.last_command(),
                  .reason = request.reason,
                  .keep_signals = request.keep_signals};
}

Result<ForkRequest> ForkCopy::next_page(UtcTime now) {
  ForkRequest page{.workflow = WorkflowId(std::string()),
                   .run = plan_.to,
                   .latest = latest_,
                   .rows = {},
                   .entries = {},
                   .is_first = std::exchange(is_first_, false)};
  for (bytes_ = 0; bytes_ < page_bytes_;) {
    const Result<std::vector<DecodedRecord>> records =
        read_history(log_, plan_.from, next_, page_bytes_);
    if (!records) return std::unexpected(records.error());
    if (records->empty()) {
      if (Result<> ok = is_still_there(); !ok) return std::unexpected(std::move(ok.error()));
      Result<ForkedRecord> last = forker_.finish(now);
      if (!last) return std::unexpected(std::move(last.error()));
      add(page, std::move(*last));
      end(page);
      break;
    }
    for (const DecodedRecord& record : *records) {
      Result<std::optional<ForkedRecord>> copied = forker_.take(record.record);
      if (!copied) return std::unexpected(std::move(copied.error()));
      if (*copied) add(page, std::move(**copied));
      next_ = record.record.events.back().sequence.next();
    }
  }
  page.workflow = forker_.state().started()->workflow;
  return page;
}

// A deletion begins with its note: where none stands now, everything was there to be read.
Result<> ForkCopy::is_still_there() const {
  const auto note = log_.get(Table::deleted, plan_.from.bytes());
  if (!note) return std::unexpected(note.error());
  if (!*note) return {};
  return fail(Errc::not_found, to_string(plan_.from) + " was deleted while it was copied", "run");
}

void ForkCopy::add(ForkRequest& page, ForkedRecord record) {
  bytes_ += record.encoded.bytes.size();
  page.entries.push_back({plan_.to, record.first, record.encoded.hash});
  for (Blob& blob : record.encoded.blobs) {
    bytes_ += blob.bytes.size();
    page.rows.push_back(
        {Table::blob, false, blob_key(plan_.to, blob.digest), std::move(blob.bytes)});
  }
  page.rows.push_back(
      {Table::record, false, record_key(plan_.to, record.first), std::move(record.encoded.bytes)});
}

void ForkCopy::end(ForkRequest& page) const {
  page.is_last = true;
  page.row = {plan_.to, forker_.state().started()->first_run, false};
  page.view = encode_view(forker_.view());
  page.wakes_at = forker_.state().wake_time();
}

}  // namespace reprise
