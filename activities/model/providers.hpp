// ModelProviders: the providers of this process by name, and the one that is used when none is named.
//
// Guarantees: an unknown name is never answered with another provider.
// Thread:     filled before the engine opens, read-only after; a copy shares the providers.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "activities/model/provider.hpp"
#include "base/check.hpp"

namespace reprise {

class ModelProviders {
 public:
  // The first one added is the default until make_default() names another.
  void add(std::shared_ptr<ModelProvider> provider) {
    const std::string name = provider->name();
    if (default_.empty()) default_ = name;
    const bool added = providers_.emplace(name, std::move(provider)).second;
    CHECK(added, "the provider {} is added twice", name);
  }
  void make_default(std::string_view name) {
    CHECK(providers_.contains(name), "the default provider {} is not there", name);
    default_ = name;
  }

  // Empty: the default one. Null when there is no such provider.
  [[nodiscard]] std::shared_ptr<ModelProvider> find(std::string_view name) const {
    const auto found = providers_.find(name.empty() ? std::string_view(default_) : name);
    return found == providers_.end() ? nullptr : found->second;
  }
  [[nodiscard]] const std::map<std::string, std::shared_ptr<ModelProvider>, std::less<>>& all()
      const {
    return providers_;
  }
  [[nodiscard]] const std::string& default_name() const { return default_; }

 private:
  std::map<std::string, std::shared_ptr<ModelProvider>, std::less<>> providers_;
  std::string default_;
};

}  // namespace reprise
