// ShardStory: workflows on a real shard and a log in memory, under a clock that a test moves. For
// definitions that start others, sleep, and live through crashes.
//
//     ShardStory story(catalog, "2026-11-21T12:00:00Z");
//     story.start("reprise.schedule", "schedule_s", input);
//     story.pass(1h);                      // every timer on the way fires at its time
//     story.crash_for(5h);                 // as if the process were gone so long
//     EXPECT_EQ(story.status("s-20261121T130000Z"), "running");
// Guarantees: all that is due is done when a call returns, letters between workflows included.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/testing/shard_driver.hpp"

namespace reprise::testing {

class ShardStory {
 public:
  ShardStory(Catalog catalog, std::string_view begins_at);

  void start(const std::string& type, const std::string& workflow, const std::string& input);
  void pass(Duration time);
  void crash_for(Duration time);
  // The workflow's code runs again from its log: whatever it kept in memory is gone.
  void forget() { shard_.restart(); }

  void signal(const std::string& workflow, const std::string& name);
  // The answer, or "type: message" of a refusal.
  std::string update(const std::string& workflow, const std::string& name,
                     const std::string& input = "{}");
  void cancel(const std::string& workflow);
  void terminate(const std::string& workflow);
  std::string query(const std::string& workflow, const std::string& name,
                    const std::string& arguments = "");

  // Of the latest run: "running", "completed", …; "none" when there is none.
  std::string status(const std::string& workflow);
  // Every workflow id that a run of this one asked to be started, in order; its earlier runs included.
  std::vector<std::string> children(const std::string& workflow);
  // How many runs there were of it.
  std::size_t runs(const std::string& workflow);
  // Of its latest run.
  std::vector<Event> events(const std::string& workflow);
  std::string view(const std::string& workflow);
  [[nodiscard]] UtcTime now() const { return shard_.utc; }

 private:
  std::vector<RunId> chain(const std::string& workflow);

  ShardDriver shard_;
  std::uint64_t updates_ = 0;
};

}  // namespace reprise::testing
