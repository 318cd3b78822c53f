#include "activities/providers/configured.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Environment environment_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

// A provider that is only there.
class NamedProvider final : public ModelProvider {
 public:
  explicit NamedProvider(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  boost::asio::awaitable<ModelOutcome> complete(ModelRequest) override { co_return ModelReply{}; }

 private:
  std::string name_;
};

TEST(Configured, AnEmptyEnvironmentConfiguresNothing) {
  const auto set = providers_from_environment(environment_of({{"OPENAI_API_KEY", ""}})).value();
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.find(""), nullptr);
  EXPECT_EQ(set.default_name(), "");
}

TEST(Configured, TheFirstWithAKeyIsTheDefault) {
  const auto both = providers_from_environment(
                        environment_of({{"ANTHROPIC_API_KEY", "a"}, {"OPENAI_API_KEY", "b"}}))
                        .value();
  EXPECT_THAT(both.names(), ElementsAre("anthropic", "openai"));
  EXPECT_EQ(both.find("")->name(), "anthropic");
  EXPECT_EQ(both.find("openai")->name(), "openai");
  EXPECT_EQ(both.find("offline"), nullptr);

  const auto one = providers_from_environment(environment_of({{"OPENAI_API_KEY", "b"}})).value();
  EXPECT_EQ(one.default_name(), "openai");
}

TEST(Configured, TheEmbeddedProviderIsTheDefaultOnlyWhereNoOtherIsConfigured) {
  auto none = providers_from_environment(environment_of({})).value();
  none.add(std::make_unique<NamedProvider>("offline"));
  EXPECT_EQ(none.default_name(), "offline");
  auto one = providers_from_environment(environment_of({{"OPENAI_API_KEY", "b"}})).value();
  one.add(std::make_unique<NamedProvider>("offline"));
  EXPECT_EQ(one.default_name(), "openai");
  EXPECT_EQ(one.find("offline")->name(), "offline");
}

TEST(Configured, WhatTheEnvironmentDoesNotSayHasADefault) {
  const auto anthropic =
      anthropic_from_environment(environment_of({{"ANTHROPIC_API_KEY", "a"}})).value().value();
  EXPECT_EQ(to_string(anthropic.base_url), "https://api.anthropic.com");
  EXPECT_EQ(anthropic.model, "claude-sonnet-5-5");
  EXPECT_EQ(anthropic.api_key.reveal(), "a");
  const auto openai =
      openai_from_environment(environment_of({{"OPENAI_API_KEY", "b"}})).value().value();
  EXPECT_EQ(to_string(openai.base_url), "https://api.openai.com/v1");
  EXPECT_EQ(openai.model, "gpt-6.1-terra");
  EXPECT_EQ(openai.output_limit_field, "max_completion_tokens");
  EXPECT_EQ(openai.structured_output, StructuredOutput::json_schema);
}

TEST(Configured, WhatTheEnvironmentSaysCounts) {
  const auto openai = openai_from_environment(environment_of({
                                                  {"OPENAI_API_KEY", "b"},
                                                  {"OPENAI_BASE_URL", "http://127.0.0.1:9/v1/"},
                                                  {"REPRISE_OPENAI_MODEL", "local"},
                                                  {"REPRISE_OPENAI_OUTPUT", "json_object"},
                                              }))
                          .value()
                          .value();
  EXPECT_EQ(to_string(openai.base_url), "http://127.0.0.1:9/v1");
  EXPECT_EQ(openai.model, "local");
  EXPECT_EQ(openai.structured_output, StructuredOutput::json_object);
  EXPECT_EQ(openai.output_limit_field, "max_tokens") << "what servers other than OpenAI's know";
}

TEST(Configured, AnErrorNamesTheVariableAndNeverTheKey) {
  struct Case {
    std::map<std::string, std::string> variables;
    const char* field;
  };
  for (const Case& bad :
       {Case{{{"ANTHROPIC_API_KEY", "swordfish\n"}}, "ANTHROPIC_API_KEY"},
        Case{{{"ANTHROPIC_API_KEY", "swordfish"}, {"ANTHROPIC_BASE_URL", "nowhere"}},
             "ANTHROPIC_BASE_URL"},
        Case{{{"OPENAI_API_KEY", "swordfish"}, {"REPRISE_OPENAI_OUTPUT", "yaml"}},
             "REPRISE_OPENAI_OUTPUT"}}) {
    const auto set = providers_from_environment(environment_of(bad.variables));
    ASSERT_FALSE(set.has_value());
    EXPECT_EQ(set.error().field, bad.field);
    EXPECT_THAT(to_string(set.error()), Not(HasSubstr("swordfish")));
  }
}

}  // namespace
}  // namespace reprise
