// Reading the server's JSON without trusting it: a missing or mistyped field is an empty value.
//
// Guarantees: no exception, whatever the document holds; texts come out fit for one line on a screen
//             (printable()), but for raw_text_at.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace reprise::cli {

using Json = nlohmann::ordered_json;

// Null when the text is no JSON.
Json parse_or_null(std::string_view text);

// The field, or a null value: also when `object` is no object.
const Json& at(const Json& object, std::string_view key);

std::string text_at(const Json& object, std::string_view key);
// The first of the keys that holds a text that is not empty.
std::string first_text_at(const Json& object, std::initializer_list<std::string_view> keys);
std::string raw_text_at(const Json& object, std::string_view key);
// A whole number from 0 to 2^64 - 1.
std::optional<std::uint64_t> count_at(const Json& object, std::string_view key);
std::optional<double> number_at(const Json& object, std::string_view key);
bool true_at(const Json& object, std::string_view key);
std::optional<UtcTime> time_at(const Json& object, std::string_view key);

// A text field of a document as it came: an id, a status.
std::string field_of(std::string_view document, std::string_view key);

// A value as a person reads it: texts without quotes, lists joined by commas, the rest as JSON.
std::string plain_text(const Json& value);

}  // namespace reprise::cli
