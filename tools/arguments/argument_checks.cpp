#include "tools/arguments/argument_checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "activities/contracts/utf8.hpp"

namespace reprise {
namespace {

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

bool takes_value(const CLI::App& app, const std::string& word) {
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent())
    if (const CLI::Option* option = at->get_option_no_throw(word); option != nullptr)
      return option->get_items_expected_max() > 0;
  return false;
}

std::string wrong_verb(const CLI::App& app, std::span<const std::string> arguments) {
  const std::vector<const CLI::App*> verbs = verbs_of(app);
  for (std::size_t i = 0; i < arguments.size() && !verbs.empty(); ++i) {
    const std::string& word = arguments[i];
    if (word.starts_with("-")) {
      if (takes_value(app, word)) ++i;
      continue;
    }
    const auto verb = std::ranges::find(verbs, word, [](auto* v) { return v->get_name(); });
    if (verb != verbs.end()) return wrong_verb(**verb, arguments.subspan(i + 1));
    std::vector<std::string> names;
    for (const CLI::App* known : verbs) names.push_back(known->get_name());
    return fmt::format("\"{}\" is no verb of {}: use one of {}", word, app.get_name(),
                       fmt::join(names, ", "));
  }
  return {};
}

}  // namespace

ArgumentCheck one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& text) {
    if (std::ranges::find(words, text) != words.end()) return std::string();
    return fmt::format("\"{}\" is none of {}", text, fmt::join(words, ", "));
  };
}

std::string wrong_word(const CLI::App& app, std::span<const std::string> arguments) {
  for (const std::string& word : arguments) {
    if (word == "--") break;
    if (word.starts_with("--") && word.find('=') == word.size() - 1)
      return word.substr(0, word.size() - 1) + ": must not be empty";
  }
  return wrong_verb(app, arguments);
}

std::string wrong_value(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options())
    for (const std::string& value : option->results()) {
      if (value.empty()) return option->get_name() + ": must not be empty";
      if (!is_utf8(value)) return option->get_name() + ": must be UTF-8";
    }
  for (const CLI::App* verb : app.get_subcommands())
    if (std::string wrong = wrong_value(*verb); !wrong.empty()) return wrong;
  return {};
}

}  // namespace reprise
