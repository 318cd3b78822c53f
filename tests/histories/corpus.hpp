// The corpus: workflows whose code is never changed again, and the stories that were recorded of them.
//
// A story is added to scenarios(), recorded once (record-histories), and its file is kept for ever:
// every later build must replay it, and must write the same bytes when it is told the same story.
#pragma once

#include <string>
#include <vector>

#include "engine/core/run.hpp"

namespace reprise::corpus {

// What becomes known at one time, `after` the one before; one record holds it, unless the local steps
// that the code goes on with share the record of what is told next.
struct Told {
  Duration after;
  std::vector<EventBody> facts;
  bool shares_record = false;
};

struct Scenario {
  std::string name;  // of its file
  std::string description;
  std::string group;
  std::vector<Told> story;
};

Catalog make_catalog();
std::vector<Scenario> scenarios();

}  // namespace reprise::corpus
