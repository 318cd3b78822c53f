// Precedence: whose attempt is first where several wait in one queue.
//
// Priorities come before each other. Within one, keys take turns, as many as their weights say: the
// weight is of the key, the key is a user, a customer, a tenant.
// Guarantees: not part of what replay compares: it may change from build to build.
// Units:      of a key the first kFairnessKeyBytesMax bytes count; a weight is 1 to kFairnessWeightMax.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace reprise {

// Durable numbers. Lower comes first.
enum class Priority : std::uint8_t { high = 1, normal = 2, low = 3 };

inline constexpr std::size_t kFairnessKeyBytesMax = 64;
inline constexpr std::uint32_t kFairnessWeightMax = 1000;

// What is not given is the run's; what is not given there is normal, the empty key, and 1.
struct Precedence {
  std::optional<Priority> priority{};
  std::string fairness_key{};         // empty: not given
  std::uint32_t fairness_weight = 0;  // 0: not given; the run's belongs to the run's key

  [[nodiscard]] bool is_given() const {
    return priority || !fairness_key.empty() || fairness_weight != 0;
  }
  // All of it, where `run` says what this leaves open.
  [[nodiscard]] Precedence within(const Precedence& run) const {
    Precedence whole = *this;
    if (!whole.priority) whole.priority = run.priority.value_or(Priority::normal);
    if (whole.fairness_key.empty()) {
      whole.fairness_key = run.fairness_key;
      if (whole.fairness_weight == 0) whole.fairness_weight = run.fairness_weight;
    }
    if (whole.fairness_key.size() > kFairnessKeyBytesMax)
      whole.fairness_key.resize(kFairnessKeyBytesMax);
    whole.fairness_weight = std::clamp(whole.fairness_weight, 1U, kFairnessWeightMax);
    return whole;
  }
  friend bool operator==(const Precedence&, const Precedence&) = default;
};

}  // namespace reprise
