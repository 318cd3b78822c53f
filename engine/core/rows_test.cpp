#include "engine/core/rows.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

RunId some_run() {
  return RunId::make(UtcTime::from_micros(*rc::gen::arbitrary<std::uint32_t>()), 1,
                     *rc::gen::arbitrary<std::uint64_t>());
}

RC_GTEST_PROP(Rows, TheyComeBack,
              (const std::string& text, const std::string& other, bool closed, std::int64_t at)) {
  const WorkflowRow workflow{some_run(), some_run(), closed};
  RC_ASSERT(decode_workflow_row(encode_workflow_row(workflow)).value() == workflow);
  const KeyRow key{digest_of(text), WorkflowId(other), some_run(), UtcTime::from_micros(at)};
  RC_ASSERT(decode_key_row(encode_key_row(key)).value() == key);
  const ParkedReason reason{Sequence(7), text, other, "build 1", UtcTime::from_micros(at)};
  const ParkedRow parked = decode_parked_row(encode_parked_row(WorkflowId(other), reason)).value();
  RC_ASSERT(parked.workflow == WorkflowId(other));
  RC_ASSERT(parked.reason.at == reason.at && parked.reason.expected == reason.expected);
  RC_ASSERT(parked.reason.found == reason.found && parked.reason.build == reason.build);
  RC_ASSERT(parked.reason.since == reason.since);
}

template <typename Decode>
void expect_every_cut_refused(const std::string& bytes, Decode decode) {
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, length)).has_value()) << length;
  EXPECT_FALSE(decode(bytes + "x").has_value());
  EXPECT_FALSE(decode("\x02" + bytes.substr(1)).has_value()) << "another version";
}

TEST(Rows, WhatIsCutOrOfAnotherVersionIsRefused) {
  expect_every_cut_refused(encode_workflow_row({}), decode_workflow_row);
  expect_every_cut_refused(encode_key_row({}), decode_key_row);
  expect_every_cut_refused(encode_parked_row(WorkflowId("w"), {}), decode_parked_row);
}

}  // namespace
}  // namespace reprise
