// AttemptToken: how a remote worker names the attempt that it has taken, as text.
//
//   <epoch: 16 hex digits>.<run id>.<command>.<attempt>.<workflow id>
// Guarantees: parse(to_string(t)) == t, and no other text parses. The epoch is of one process of the
//             server: a token of an earlier one names an attempt that is not current any more. It is
//             a name, not a secret that proves who holds it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "engine/core/attempts.hpp"

namespace reprise {

struct AttemptToken {
  std::uint64_t epoch = 0;
  WorkflowId workflow;
  AttemptKey key;

  static std::optional<AttemptToken> parse(std::string_view text);
  friend bool operator==(const AttemptToken&, const AttemptToken&) = default;
};

std::string to_string(const AttemptToken& token);

}  // namespace reprise
