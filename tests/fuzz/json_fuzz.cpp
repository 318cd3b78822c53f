// The JSON of a request's body.
#include "activities/contracts/json_value.hpp"
#include "api/json_input.hpp"
#include "base/check.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace reprise {

void fuzz(std::string_view input) {
  if (const Result<JsonValue> value = parse_json(input)) {
    const std::string text = to_json(*value);
    const Result<JsonValue> again = parse_json(text);
    CHECK(again.has_value(), "{}: {}", text, to_string(again.error()));
    CHECK(to_json(*again) == text, "{}", text);
  }
  api::InputErrors errors;
  if (const auto object = api::read_object(input, errors))
    for (const JsonMember& member : object->members)
      if (const auto raw = api::raw_member(input, member.key))
        CHECK(parse_json(*raw).has_value(), "{} of {}", member.key, input);
  api::InputErrors others;
  (void)api::check_json(input, others);
}

}  // namespace reprise
