// The parts of the corpus: workflows, whose code is never changed again, and stories of them.
#pragma once

#include <vector>

#include "tests/histories/corpus.hpp"

namespace reprise::corpus {

// Local steps, work of remote workers, attempts that time out.
void add_work(Catalog& catalog);
std::vector<Scenario> stories_of_work();

// Scopes that are cancelled, shielded and undone; attributes; changes of the code.
void add_scopes(Catalog& catalog);
std::vector<Scenario> stories_of_scopes();

// Children, other workflows, updates, handlers; runs that continue as new.
void add_messages(Catalog& catalog);
std::vector<Scenario> stories_of_messages();

// What holds or ends a run from outside, told of workflows of the other parts.
std::vector<Scenario> stories_of_control();

// Of the product's own type reprise.schedule: its code may change, and must still replay these.
std::vector<Scenario> stories_of_schedules();

}  // namespace reprise::corpus
