#include "tools/reprise/live_task.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::cli {
namespace {

using testing::HasSubstr;

HistoryEvent event_at(std::uint64_t sequence, std::string kind, std::int64_t millis,
                      std::string name = "") {
  return {.sequence = sequence,
          .kind = std::move(kind),
          .time = UtcTime::from_micros(1'000'000'000 + millis * 1000),
          .command = 3,
          .attempt = 1,
          .name = std::move(name)};
}

std::vector<HistoryEvent> short_run() {
  return {event_at(1, "run_started", 0, "task"),
          event_at(2, "stage_entered", 0, "task_analysis"),
          event_at(3, "activity_completed", 400),
          event_at(4, "stage_entered", 500, "synthesis"),
          event_at(5, "activity_attempt_lost", 600),
          event_at(6, "activity_completed", 1400),
          event_at(7, "stage_entered", 1500, "completed"),
          event_at(8, "run_completed", 1500)};
}

TEST(LiveTask, OnATerminalAStageGetsItsLineWhenItEndsWithItsTime) {
  LiveTask live(TextStyle{}, /*redraws=*/true);
  std::string lines;
  for (const HistoryEvent& event : short_run()) lines += live.apply(event);
  EXPECT_EQ(lines,
            "  + task_analysis              0.5 s  1 call\n"
            "    ! #3 attempt 1 was lost with the server, it runs again\n"
            "  + synthesis                  1.0 s  1 call, 1 attempt lost in a restart\n");
}

TEST(LiveTask, InAFileAStageGetsItsLineWhenItIsEntered) {
  LiveTask live(TextStyle{}, /*redraws=*/false);
  std::string lines;
  for (const HistoryEvent& event : short_run()) lines += live.apply(event);
  EXPECT_THAT(lines, HasSubstr("      +0 s  task_analysis\n    +0.5 s  synthesis\n"));
}

TEST(LiveTask, EventsThatComeAgainAfterAReconnectAddNoLine) {
  LiveTask live(TextStyle{}, /*redraws=*/true);
  for (const HistoryEvent& event : short_run()) live.apply(event);
  for (const HistoryEvent& event : short_run()) EXPECT_EQ(live.apply(event), "");
  EXPECT_EQ(live.timeline().stages().size(), 3U);
}

TEST(LiveTask, ASubtaskGetsALineWhenItsStatusChanges) {
  LiveTask live(TextStyle{}, /*redraws=*/true);
  TaskPicture task{.progress = 20,
                   .subtasks = {{.id = "t1", .title = "Read", .status = "pending"}}};
  EXPECT_EQ(live.apply(task), "");
  task.subtasks[0].status = "accepted";
  EXPECT_THAT(live.apply(task), HasSubstr("+ Read"));
  EXPECT_EQ(live.apply(task), "");
  EXPECT_THAT(live.footer(), HasSubstr("1 of 1 subtasks"));
}

TEST(LiveTask, TheRedrawnLineIsNeverWiderThanTheScreen) {
  for (const std::size_t columns : {60U, 80U, 100U}) {
    LiveTask live(TextStyle{.columns = columns}, /*redraws=*/true);
    for (const HistoryEvent& event : short_run()) live.apply(event);
    live.apply(TaskPicture{.stage = "specialist_selection",
                           .progress = 100,
                           .subtasks = std::vector<SubtaskPicture>(20)});
    EXPECT_LT(columns_of(live.footer()), columns);
  }
}

TEST(Timeline, BarsCoverTheRunAndAStageEndsWhereTheNextBegins) {
  Timeline timeline;
  for (const HistoryEvent& event : short_run()) timeline.apply(event);
  EXPECT_EQ(timeline.text(TextStyle{}),
            "task_analysis  0.5 s  ##########....................  1 call\n"
            "synthesis      1.0 s  ..........####################  1 call, 1 attempt lost in a "
            "restart\n");
}

TEST(HistoryEvent, IsReadFromTheServersJson) {
  const auto event = read_event(
      R"({"seq":12,"kind":"activity_attempt_failed","time":"2026-01-01T00:00:01.000Z","command_id":4,
          "attempt":2,"data":{"failure":{"type":"rate_limited","message":"wait"}}})");
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->sequence, 12U);
  EXPECT_EQ(event->command, 4U);
  EXPECT_EQ(event->detail, "rate_limited: wait");
  EXPECT_FALSE(read_event("{}").has_value());
  EXPECT_FALSE(read_event("not json").has_value());
}

}  // namespace
}  // namespace reprise::cli
