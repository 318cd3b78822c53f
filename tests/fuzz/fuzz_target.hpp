// A fuzz target: the body of one, which each target's source defines.
//
// Guarantees: any bytes are an input. A defect ends the process: a failed CHECK, a sanitizer's find.
//             The preset `fuzz` hands in what libFuzzer makes up; all others, the files of the corpus.
#pragma once

#include <string_view>

namespace reprise {

void fuzz(std::string_view input);

}  // namespace reprise
