#include "tools/reprise/providers.hpp"

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "activities/net/tls_trust.hpp"
#include "activities/offline/offline_provider.hpp"
#include "activities/providers/configured.hpp"

namespace reprise::cli {
namespace {

std::string names_of(const ModelProviders& providers) {
  std::string names;
  for (const auto& [name, provider] : providers.all()) (names += names.empty() ? "" : ", ") += name;
  return names;
}

}  // namespace

Result<ModelProviders> make_providers(const Serve& options, const DataDir& data) {
  Result<ProviderSet> configured =
      providers_from_environment([](const char* name) { return std::getenv(name); });
  if (!configured) return std::unexpected(std::move(configured.error()));
  ModelProviders providers;
  const auto set = std::make_shared<ProviderSet>(std::move(*configured));
  for (const std::string& name : set->names())
    providers.add(std::shared_ptr<ModelProvider>(set, set->find(name)));
  if (!set->empty())
    if (Result<TlsTrustPtr> trust = system_trust(); !trust)  // now, not during the first task
      return std::unexpected(std::move(trust.error()));

  auto offline = OfflineProvider::make(
      {.latency = options.offline_latency, .call_log = data.offline_calls().string()});
  if (!offline) return std::unexpected(std::move(offline.error()));
  providers.add(std::move(*offline));
  if (options.provider.empty()) return providers;
  if (providers.find(options.provider) == nullptr)
    return fail(Errc::invalid_argument,
                "there is no provider \"" + options.provider +
                    "\"; configured: " + names_of(providers) +
                    "\n  set ANTHROPIC_API_KEY or OPENAI_API_KEY to configure one",
                "--provider");
  providers.make_default(options.provider);
  return providers;
}

}  // namespace reprise::cli
