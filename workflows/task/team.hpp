// Team: the specialists that work on a task, out of those that the manager scored.
//
// Guarantees: 2 (simple) to 5 (complex) different types, the most relevant first, that cover every
//             required capability; a generalist joins for what nobody covers, and when only one
//             would be left. Never empty.
#pragma once

#include <string>
#include <vector>

#include "activities/contracts/analysis.hpp"
#include "activities/contracts/specialist.hpp"
#include "base/result.hpp"

namespace reprise {

// Every type must be one that takes subtasks, and stand there once.
Result<> check_selection(const SpecialistSelection& selection);

std::vector<Specialist> pick_team(const SpecialistSelection& selection, const Analysis& analysis);

// The required capabilities that no member has by its type.
std::vector<std::string> capability_gaps(const std::vector<Specialist>& team,
                                         const std::vector<std::string>& required);

}  // namespace reprise
