// Reading what a model said: find the JSON object in its text, hold it against the stage's shape.
//
// Guarantees: fences and chatter around the object do not matter; a text without one whole object
//             that fits is an error, never a guess. Bounded in time, depth and size whatever the text.
// Errors:     invalid_argument or too_large; `field` is the path of what does not fit. problem_of()
//             gives the words that go back to the model.
#pragma once

#include <string>
#include <string_view>

#include "activities/contracts/json_shape.hpp"
#include "base/result.hpp"

namespace reprise {

// The first JSON object with a member in the text, as it stands there.
Result<std::string_view> find_json_object(std::string_view text);

// "subtasks[2].dependencies[0]: unknown id t9".
std::string problem_of(const Error& error);

template <Shape T>
Result<T> read_answer(std::string_view text) {
  const Result<std::string_view> json = find_json_object(text);
  if (!json) return std::unexpected(json.error());
  T answer{};
  if (Result<> ok = read_json(*json, JsonReader::Mode::answer, answer, {.depth_max = 32}); !ok)
    return std::unexpected(std::move(ok.error()));
  return answer;
}

}  // namespace reprise
