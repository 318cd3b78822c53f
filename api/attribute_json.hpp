// Attributes of runs as JSON: an object of texts, numbers, booleans; null for a name that is removed.
#pragma once

#include <string>

#include "activities/contracts/json_value.hpp"
#include "engine/author/attributes.hpp"

namespace reprise::api {

void append_attributes(std::string& out, const Attributes& attributes);
void append_attributes(std::string& out, const AttributeChanges& changes);

// invalid_argument: the field names the attribute that is no text, number or boolean.
Result<Attributes> attributes_of(const JsonValue& object);

}  // namespace reprise::api
