// ProviderSet: the model providers of a process, by name. The first one added is the default.
//
// Guarantees: a name that is not there finds nothing: no provider stands in for another.
// Thread:     built by one thread; find() from any after that.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "activities/model/provider.hpp"

namespace reprise {

class ProviderSet {
 public:
  // Its name must be new.
  void add(std::unique_ptr<ModelProvider> provider);

  // The default for an empty name; null when there is none.
  [[nodiscard]] ModelProvider* find(std::string_view name) const;

  [[nodiscard]] bool empty() const { return providers_.empty(); }
  [[nodiscard]] std::vector<std::string> names() const;  // the default first
  [[nodiscard]] std::string default_name() const;        // empty when the set is

 private:
  std::vector<std::unique_ptr<ModelProvider>> providers_;
};

}  // namespace reprise
