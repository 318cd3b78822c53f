// Reading a text with rules only: its words, sentences, list items and numbers. What the offline
// stand-in has instead of understanding.
//
// Guarantees: deterministic and bounded; any bytes are read. Letters outside ASCII belong to words
//             and are not folded to lower case.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

// Lower-case words, in order, repeats included.
std::vector<std::string> words_of(std::string_view text);

// Words that carry a subject: at least three letters, no stop words, no numbers.
std::vector<std::string> subject_words(std::string_view text);
std::set<std::string> subject_set(std::string_view text);

// The subject words by how often they stand there, then by where they stand first.
std::vector<std::string> keywords_of(std::string_view text, std::size_t count_max);

// Sentences and lines, without their list marks, each once, in order.
std::vector<std::string> sentences_of(std::string_view text);

// The lines that begin with "-", "*", "•", "1." or "1)".
std::vector<std::string> list_items_of(std::string_view text);

// Sentences that bind: they say must, only, within, at least.
bool is_binding(std::string_view sentence);

// "12", "3.5 ms", "40%", "$1,000", each once, in order.
std::vector<std::string> numbers_of(std::string_view text);

}  // namespace reprise
