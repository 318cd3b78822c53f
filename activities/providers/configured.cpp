#include "activities/providers/configured.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "activities/providers/anthropic.hpp"
#include "activities/providers/openai_chat.hpp"

namespace reprise {
namespace {

// The variables of one provider, and what holds where they say nothing.
struct Variables {
  const char* name;
  const char* key;
  const char* base_url;
  const char* model;
  const char* output;
  const char* default_base_url;
  const char* default_model;
};

constexpr Variables kAnthropic{.name = "anthropic",
                               .key = "ANTHROPIC_API_KEY",
                               .base_url = "ANTHROPIC_BASE_URL",
                               .model = "REPRISE_ANTHROPIC_MODEL",
                               .output = "REPRISE_ANTHROPIC_OUTPUT",
                               .default_base_url = "https://api.anthropic.com",
                               .default_model = "claude-sonnet-5-5"};
constexpr Variables kOpenAi{.name = "openai",
                            .key = "OPENAI_API_KEY",
                            .base_url = "OPENAI_BASE_URL",
                            .model = "REPRISE_OPENAI_MODEL",
                            .output = "REPRISE_OPENAI_OUTPUT",
                            .default_base_url = "https://api.openai.com/v1",
                            .default_model = "gpt-6.1-terra"};

std::string value_of(const Environment& environment, const char* name, const char* otherwise = "") {
  const char* const value = environment(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

// Visible ASCII: what can stand in a header. A line break at the end is the usual slip.
bool is_key(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<std::optional<ProviderOptions>> read(const Environment& environment,
                                            const Variables& variables) {
  const std::string key = value_of(environment, variables.key);
  if (key.empty()) return std::nullopt;
  if (!is_key(key))
    return fail(Errc::invalid_argument,
                "the key holds white space or other characters that no key has", variables.key);
  const auto base_url =
      parse_url(value_of(environment, variables.base_url, variables.default_base_url));
  if (!base_url) return fail(base_url.error().code, base_url.error().detail, variables.base_url);
  const auto output =
      parse_structured_output(value_of(environment, variables.output, "json_schema"));
  if (!output)
    return fail(Errc::invalid_argument, "must be json_schema, json_object or none",
                variables.output);
  ProviderOptions options;
  options.name = variables.name;
  options.base_url = *base_url;
  options.api_key = Secret(key);
  options.model = value_of(environment, variables.model, variables.default_model);
  options.structured_output = *output;
  return options;
}

}  // namespace

Result<std::optional<ProviderOptions>> anthropic_from_environment(const Environment& environment) {
  return read(environment, kAnthropic);
}

Result<std::optional<ProviderOptions>> openai_from_environment(const Environment& environment) {
  auto options = read(environment, kOpenAi);
  if (options && *options && (*options)->base_url.host != "api.openai.com")
    (*options)->output_limit_field = "max_tokens";
  return options;
}

Result<ProviderSet> providers_from_environment(const Environment& environment) {
  auto anthropic = anthropic_from_environment(environment);
  if (!anthropic) return std::unexpected(std::move(anthropic.error()));
  auto openai = openai_from_environment(environment);
  if (!openai) return std::unexpected(std::move(openai.error()));
  ProviderSet set;
  if (*anthropic)
    set.add(std::make_unique<HttpProvider>(anthropic_messages(), std::move(**anthropic)));
  if (*openai) set.add(std::make_unique<HttpProvider>(openai_chat(), std::move(**openai)));
  return set;
}

}  // namespace reprise
