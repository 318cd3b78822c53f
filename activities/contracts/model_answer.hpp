// ModelAnswer: what every stage's activity gives back: the model's own words, and who said them.
// Repair: what a stage sends along when such an answer did not fit.
//
// Guarantees: the text is recorded as it came, so that reading it is the workflow's, and a repair is
//             a command of its own in the history.
#pragma once

#include <cstdint>
#include <string>

#include "activities/contracts/json_shape.hpp"

namespace reprise {

struct ModelAnswer {
  static constexpr std::size_t kTextMax = 200'000;

  std::string text;
  std::string provider;
  std::string model;
  bool simulated = false;  // from the embedded stand-in, not from a model
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;

  static void fields(auto& codec, auto& self) {
    codec("text", self.text, Text{.max = kTextMax});
    codec("provider", self.provider, Text{.max = 255});
    codec("model", self.model, Text{.max = 255});
    codec("simulated", self.simulated);
    codec("input_tokens", self.input_tokens);
    codec("output_tokens", self.output_tokens);
  }
};

struct Repair {
  static constexpr std::size_t kAnswerBytesMax = 20'000;

  std::string answer;  // the one that did not fit, cut
  std::string error;   // why, with the path

  static void fields(auto& codec, auto& self) {
    codec("answer", self.answer, Text{.max = kAnswerBytesMax});
    codec("error", self.error, Text{.max = 4000});
  }
};

}  // namespace reprise
