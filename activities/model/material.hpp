// Material: text that somebody else wrote, set between marks for a prompt.
//
// Guarantees: the closing mark does not stand in the text, so that the text cannot end itself: the
//             mark carries the text's digest.
#pragma once

#include <string>
#include <string_view>

namespace reprise {

// "<material name=… mark=…>\n text \n</material mark=…>\n"; nothing for an empty text.
std::string material(std::string_view name, std::string_view text);

}  // namespace reprise
