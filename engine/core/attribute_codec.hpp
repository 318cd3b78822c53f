// The bytes of attributes, in events and in views.
//
//   attributes = count:varint (name:bytes value)*count     names ascending
//   value      = 0 (removed) | 1 text:bytes | 2 whole:zigzag | 3 bits:varint | 4 (false) | 5 (true)
// Guarantees: decode(encode(x)) == x; nothing else decodes: a reader of other bytes is not ok().
#pragma once

#include "engine/author/attributes.hpp"
#include "engine/core/wire.hpp"

namespace reprise {

void write(Writer& out, const Attributes& attributes);
void write(Writer& out, const AttributeChanges& changes);

// Nothing when the bytes are no such list; the reader may still be ok() then.
std::optional<AttributeChanges> read_changes(Reader& in);
std::optional<Attributes> read_attributes(Reader& in);

}  // namespace reprise
