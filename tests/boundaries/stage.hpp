// Stage: where a story is played: the shipped core on one shard over a log in memory, moved in one
// fixed order, so that each playing of a story takes the same path. Every batch is a commit of its own.
//
//     Stage stage(catalog, activities);
//     const Ending whole = stage.play(story);
//     const Ending again = stage.play(story, 7);  // all memory is dropped behind commit 7
//
// Guarantees: what was under way behind the last commit before the drop is lost: replies, dispatches
//             and results; the log is all that the next life gets. The client then says again what was
//             not acknowledged, under the same key. Each life begins with the check of the chain of
//             groups; in the end the store verifies and the run replays.
// Order:      inputs, what is due, the oldest dispatched activity, the client, the clock. A life ends
//             and the next begins within a millisecond: how long a server is away is not its subject.
// Errors:     std::runtime_error when the story cannot go on: it serves tests only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "engine/core/catalog.hpp"
#include "engine/runtime/activity.hpp"
#include "tests/boundaries/story.hpp"

namespace reprise::testing {

class Stage {
 public:
  Stage(const Catalog& catalog, const ActivityRegistry& activities)
      : catalog_(catalog), activities_(activities) {}

  // With `stop_after`, once, behind the commit with this number (from 1).
  [[nodiscard]] Ending play(const Story& story,
                            std::optional<std::size_t> stop_after = std::nullopt) const;

 private:
  const Catalog& catalog_;
  const ActivityRegistry& activities_;
};

}  // namespace reprise::testing
