// Argument checks: what a command line says of a wrong word before anything is done with it.
//
// Guarantees: a complaint names the option, or the word, and all that may stand there.
//             An empty answer is agreement.
#pragma once

#include <CLI/CLI.hpp>

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace reprise {

// For CLI::Option::check().
using ArgumentCheck = std::function<std::string(const std::string&)>;

ArgumentCheck one_of(std::vector<std::string> words);

// An option whose word stands for a value.
template <typename Value>
CLI::Option* add_choice(CLI::App& verb, const char* name, Value& value, const char* what,
                        std::vector<std::pair<std::string, Value>> choices) {
  std::vector<std::string> words;
  for (const auto& [word, meaning] : choices) words.push_back(word);
  const auto read = [&value, choices](const std::string& text) {
    value = std::ranges::find(choices, text, &std::pair<std::string, Value>::first)->second;
  };
  return verb.add_option_function<std::string>(name, read, what)->check(one_of(std::move(words)));
}

// Before parsing: a word where a verb should stand, and `--option=` with nothing behind it, which
// would take the word behind it.
std::string wrong_word(const CLI::App& app, std::span<const std::string> arguments);

// After parsing: a value that is wrong whatever it is for. An empty one says less than leaving the
// option out: it is a slip, of a script most likely.
std::string wrong_value(const CLI::App& app);

}  // namespace reprise
