// SignalsView: how many signals a run of bench.signals has taken, and the last of them.
//
// Guarantees: at most kLastMax payloads of at most kPayloadBytesMax bytes each, as JSON texts.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "engine/core/view.hpp"

namespace reprise {

class SignalsViewFold final : public ViewFold {
 public:
  static constexpr std::size_t kLastMax = 16;
  static constexpr std::size_t kPayloadBytesMax = 64;

  bool apply(const Event& event) override;
  [[nodiscard]] std::string encode() const override;

 private:
  std::uint64_t count_ = 0;
  std::deque<std::string> last_;
};

ViewDefinition signals_view();

}  // namespace reprise
