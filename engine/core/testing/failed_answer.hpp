// Reads for tests: in pages so small that every cut between pages happens, and such that fail.
#pragma once

#include "engine/reads/log_answers.hpp"

namespace reprise::testing {

inline constexpr ReadSizes kSmallReads{.slice_bytes = 2000, .busy_runs = 5, .wakes = 5};

// The answer to `read` when the log could not be read.
Input failed_answer(const Read& read, const Error& error);

}  // namespace reprise::testing
