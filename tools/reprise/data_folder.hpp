// The data folder: found or made before the store is opened.
//
// Errors: io, with the folder's name.
#pragma once

#include <string>

#include "base/result.hpp"
#include "storage/data_dir.hpp"

namespace reprise::cli {

// Makes the folder, for its owner alone, unless it is there. Empty: $XDG_STATE_HOME/reprise, else
// ~/.local/state/reprise.
Result<DataDir> open_data_folder(const std::string& given);

}  // namespace reprise::cli
