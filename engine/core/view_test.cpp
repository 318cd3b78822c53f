#include "engine/core/view.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

const RunId kRun = RunId::make(UtcTime::from_micros(1'000'000), 1, 2);

// A fold that counts facts; its picture has one byte for each.
class Facts final : public ViewFold {
 public:
  bool apply(const Event& event) override {
    if (!std::holds_alternative<FactRecorded>(event.body)) return false;
    text_ += '1';
    return true;
  }
  [[nodiscard]] std::string encode() const override { return text_; }

 private:
  std::string text_;
};

const ViewDefinition kFacts{.version = 7, .make = [] { return std::make_unique<Facts>(); }};

Event event(std::uint64_t sequence, EventBody body) {
  return {Sequence(sequence), UtcTime::from_micros(static_cast<std::int64_t>(sequence) * 100),
          std::move(body)};
}

RC_GTEST_PROP(View, AViewComesBack,
              (const std::string& text, std::int64_t time, std::uint32_t number)) {
  const RunView view{.workflow = WorkflowId(text),
                     .run = kRun,
                     .type = text,
                     .status = RunStatus::failed,
                     .started_at = UtcTime::from_micros(time),
                     .updated_at = UtcTime::from_micros(-time),
                     .closed_at = UtcTime(),
                     .last = Sequence(number),
                     .fold_version = number,
                     .custom = text};
  const std::string bytes = encode_view(view);
  RC_ASSERT(decode_view(bytes).value() == view);
  RC_ASSERT(!decode_view(std::string_view(bytes).substr(0, bytes.size() - 1)).has_value());
}

TEST(View, StartAndEndChangeIt) {
  RunViewFolder folder(kRun, nullptr);
  EXPECT_TRUE(folder.apply(event(1, RunStarted{WorkflowId("w"), "type", {}, 1, kRun})));
  EXPECT_FALSE(folder.apply(event(2, TimerStarted{.command = CommandId(1)})));
  EXPECT_EQ(folder.view().updated_at, UtcTime::from_micros(100));
  EXPECT_EQ(folder.view().last, Sequence(2));
  EXPECT_TRUE(folder.apply(event(3, RunCancelled{"enough"})));
  EXPECT_EQ(folder.view().status, RunStatus::cancelled);
  EXPECT_EQ(folder.view().closed_at, UtcTime::from_micros(300));
  EXPECT_EQ(folder.view().fold_version, 0U);
}

TEST(View, ATypesOwnFoldIsPartOfItAndMovesIt) {
  RunViewFolder folder(kRun, &kFacts);
  folder.apply(event(1, RunStarted{WorkflowId("w"), "type", {}, 1, kRun}));
  EXPECT_TRUE(folder.apply(event(2, FactRecorded{CommandId(1), "f", {}})));
  EXPECT_FALSE(folder.apply(event(3, SignalReceived{"s", {}, {}})));
  EXPECT_EQ(folder.view().custom, "1");
  EXPECT_EQ(folder.view().fold_version, 7U);
  EXPECT_EQ(folder.view().updated_at, UtcTime::from_micros(200));
}

TEST(View, AFoldThatBreaksItsBoundShowsNothing) {
  RunViewFolder folder(kRun, &kFacts);
  folder.apply(event(1, RunStarted{WorkflowId("w"), "type", {}, 1, kRun}));
  for (std::uint64_t i = 2; i < 2 + kViewBytesMax; ++i)
    folder.apply(event(i, FactRecorded{CommandId(1), "f", {}}));
  EXPECT_EQ(folder.view().custom, R"({"view":"too large"})");
  EXPECT_LE(encode_view(folder.view()).size(), kViewBytesMax);
}

}  // namespace
}  // namespace reprise
