// Story: one run, told from outside: how it is started, and what it is signalled.
//
// Ending: what is left of it in the log.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/core/event.hpp"
#include "engine/core/view.hpp"

namespace reprise::testing {

struct Saying {
  std::string name;
  std::string payload;
};

struct Story {
  std::string type;
  std::string input;
  // Said one after the other, each when nothing moves any more, and before any timer may fire.
  std::vector<Saying> signals;
};

struct Ending {
  RunView view;
  std::vector<Event> events;
  std::size_t commits = 0;
};

// How two endings differ; nothing when they are the same but for what a crash may change:
//   ActivityAttemptLost    the notes that say that there was a crash
//   sequences, attempts    numbers that these notes move on
//   times                  of events, of deadlines that are computed from them, and in the view
// Everything else is compared: each event's kind, order and content, each command's number, and every
// member of the view.
std::string difference(const Ending& one, const Ending& other);

}  // namespace reprise::testing
