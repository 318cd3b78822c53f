// Play: drives one Execution by hand. Inputs in, and what the code issued out, as short texts.
//
//     Play play(define("type", &body));
//     EXPECT_EQ(play.start("input"), (Texts{"activity 1 work:a", "timer 2"}));
//     EXPECT_EQ(play.complete(1, "b"), (Texts{"timer cancelled 2", "completed b"}));
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/core/execution.hpp"

namespace reprise::testing {

using Texts = std::vector<std::string>;

// A payload type of the tests: text, of which "?" is none.
struct Word {
  std::string text;
  friend bool operator==(const Word&, const Word&) = default;
};
inline Payload encode(const Word& value) { return Payload{value.text}; }
inline Result<> decode(const Payload& payload, Word& value) {
  if (payload.bytes == "?") return fail(Errc::invalid_argument, "no word", "word");
  value.text = payload.bytes;
  return {};
}

struct Work {
  static constexpr std::string_view kName = "work";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = Word;
  using Output = Word;
};

std::string brief(const EventBody& command);

class Play {
 public:
  explicit Play(WorkflowDefinition definition, ActivationLimits limits = {});

  Texts start(const std::string& input = "");
  Texts complete(std::uint32_t command, const std::string& result);
  Texts fail(std::uint32_t command, const std::string& type);
  Texts fire(std::uint32_t timer);
  Texts signal(const std::string& name, const std::string& payload = "");
  Texts update(const std::string& name, const std::string& input = "");
  Texts cancel(const std::string& reason = "enough");
  // Several inputs for one activation.
  Texts together(const std::vector<EventBody>& inputs);

  [[nodiscard]] Execution& execution() { return *execution_; }
  [[nodiscard]] const std::string& parked() const { return parked_; }
  void evict() { execution_.reset(); }
  UtcTime now = UtcTime::from_micros(1'000'000);

 private:
  WorkflowDefinition definition_;
  std::unique_ptr<Execution> execution_;
  Sequence last_;
  std::string parked_;
};

}  // namespace reprise::testing
