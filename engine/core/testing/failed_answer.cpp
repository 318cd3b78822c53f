#include "engine/core/testing/failed_answer.hpp"

namespace reprise::testing {
namespace {

Input failed(const LoadWorkflow& read, const Error& error) {
  return WorkflowLoaded{read.workflow, std::unexpected(error)};
}
Input failed(const LoadKey& read, const Error& error) {
  return KeyLoaded{read.key, std::unexpected(error)};
}
Input failed(const LoadRecords& read, const Error& error) {
  return RecordsLoaded{
      .run = read.run, .load = read.load, .records = std::unexpected(error), .wakes = read.wakes};
}
Input failed(const LoadWakes&, const Error& error) {
  return WakesLoaded{.due = std::unexpected(error), .through = {}, .next = {}};
}
Input failed(const LoadBusy&, const Error& error) { return BusyLoaded{std::unexpected(error)}; }

}  // namespace

Input failed_answer(const Read& read, const Error& error) {
  return std::visit([&](const auto& what) { return failed(what, error); }, read);
}

}  // namespace reprise::testing
