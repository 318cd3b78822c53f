// Secret: a text that cannot be printed by accident: no conversion, no formatter, no stream.
#pragma once

#include <string>
#include <utility>

namespace reprise {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  // For the header that carries it, and for finding it in texts that must not.
  [[nodiscard]] const std::string& reveal() const { return text_; }

 private:
  std::string text_;
};

}  // namespace reprise
