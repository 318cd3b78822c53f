// What the terminal behind a file descriptor can show.
#pragma once

#include "tools/reprise/text.hpp"

namespace reprise::cli {

bool is_terminal(int descriptor);

// Colours on a terminal unless NO_COLOR is set or TERM is "dumb"; UTF-8 as the locale says; the
// width from COLUMNS, else from the terminal; a file's lines are as long as they need to be.
TextStyle style_of(int descriptor);

}  // namespace reprise::cli
