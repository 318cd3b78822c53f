#include "engine/core/rows.hpp"

#include "engine/core/wire.hpp"

namespace reprise {
namespace {

constexpr unsigned char kRowVersion = 1;

std::unexpected<Error> cut(std::string_view what) {
  return fail(Errc::corrupt, "a cut " + std::string(what) + " row, or one of another version");
}

RunId read_run(Reader& in) {
  const std::string_view bytes = in.fixed(RunId::kBytes);
  return in.ok() ? RunId::from_bytes(bytes) : RunId();
}

}  // namespace

std::string encode_workflow_row(const WorkflowRow& row) {
  std::string bytes;
  Writer out(bytes);
  out.varint(kRowVersion);
  out.fixed(row.run.bytes());
  out.fixed(row.first_run.bytes());
  out.varint(row.closed ? 1 : 0);
  return bytes;
}

Result<WorkflowRow> decode_workflow_row(std::string_view bytes) {
  Reader in(bytes);
  const bool known = in.varint() == kRowVersion;
  WorkflowRow row;
  row.run = read_run(in);
  row.first_run = read_run(in);
  row.closed = in.varint() != 0;
  if (!known || !in.ok() || !in.at_end()) return cut("workflow");
  return row;
}

std::string encode_key_row(const KeyRow& row) {
  std::string bytes;
  Writer out(bytes);
  out.varint(kRowVersion);
  out.fixed(row.request.view());
  out.bytes(row.workflow.text());
  out.fixed(row.run.bytes());
  out.zigzag(row.at.micros());
  return bytes;
}

Result<KeyRow> decode_key_row(std::string_view bytes) {
  Reader in(bytes);
  const bool known = in.varint() == kRowVersion;
  KeyRow row;
  const std::string_view request = in.fixed(Digest::kBytes);
  if (in.ok()) row.request = Digest::from_bytes(request);
  row.workflow = WorkflowId(std::string(in.bytes()));
  row.run = read_run(in);
  row.at = UtcTime::from_micros(in.zigzag());
  if (!known || !in.ok() || !in.at_end()) return cut("key");
  return row;
}

std::string encode_deleted_row(const DeletedRow& row) {
  std::string bytes;
  Writer out(bytes);
  out.varint(kRowVersion);
  out.bytes(row.workflow.text());
  out.zigzag(row.at.micros());
  out.varint(row.erased ? 1 : 0);
  return bytes;
}

Result<DeletedRow> decode_deleted_row(std::string_view bytes) {
  Reader in(bytes);
  const bool known = in.varint() == kRowVersion;
  DeletedRow row;
  row.workflow = WorkflowId(std::string(in.bytes()));
  row.at = UtcTime::from_micros(in.zigzag());
  row.erased = in.varint() != 0;
  if (!known || !in.ok() || !in.at_end()) return cut("deleted");
  return row;
}

std::string encode_parked_row(const WorkflowId& workflow, const ParkedReason& reason) {
  std::string bytes;
  Writer out(bytes);
  out.varint(kRowVersion);
  out.bytes(workflow.text());
  out.varint(reason.at.value());
  out.bytes(reason.expected);
  out.bytes(reason.found);
  out.bytes(reason.build);
  out.zigzag(reason.since.micros());
  return bytes;
}

Result<ParkedRow> decode_parked_row(std::string_view bytes) {
  Reader in(bytes);
  const bool known = in.varint() == kRowVersion;
  ParkedRow row;
  row.workflow = WorkflowId(std::string(in.bytes()));
  row.reason.at = Sequence(in.varint());
  row.reason.expected = in.bytes();
  row.reason.found = in.bytes();
  row.reason.build = in.bytes();
  row.reason.since = UtcTime::from_micros(in.zigzag());
  if (!known || !in.ok() || !in.at_end()) return cut("parked");
  return row;
}

}  // namespace reprise
