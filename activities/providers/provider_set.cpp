#include "activities/providers/provider_set.hpp"

#include <utility>

#include "base/check.hpp"

namespace reprise {

void ProviderSet::add(std::unique_ptr<ModelProvider> provider) {
  CHECK(!provider->name().empty(), "a provider without a name");
  for (const auto& present : providers_)
    CHECK(present->name() != provider->name(), "two providers named {}", provider->name());
  providers_.push_back(std::move(provider));
}

ModelProvider* ProviderSet::find(std::string_view name) const {
  for (const auto& provider : providers_)
    if (name.empty() || provider->name() == name) return provider.get();
  return nullptr;
}

std::vector<std::string> ProviderSet::names() const {
  std::vector<std::string> names;
  names.reserve(providers_.size());
  for (const auto& provider : providers_) names.push_back(provider->name());
  return names;
}

std::string ProviderSet::default_name() const { return empty() ? "" : providers_.front()->name(); }

}  // namespace reprise
