// UTF-8 by characters: what limits on texts count, and where a text may be cut.
//
// Units: a character is a Unicode code point; bytes are bytes.
// Source: RFC 3629 (no surrogates, no overlong forms, nothing above U+10FFFF).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reprise {

// Bytes of the character at the start of `text`: 1 to 4, or 0 when it is none.
std::size_t utf8_character(std::string_view text);

bool is_utf8(std::string_view text);

// Characters in `text`; a byte that belongs to none counts as one.
std::size_t utf8_length(std::string_view text);

// The longest prefix of whole characters that is at most `bytes_max` long, `…` included when
// something was cut.
std::string utf8_cut(std::string_view text, std::size_t bytes_max);

}  // namespace reprise
