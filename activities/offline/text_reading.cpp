#include "activities/offline/text_reading.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace reprise {
namespace {

constexpr auto kStopWords = std::to_array<std::string_view>(
    {"about",   "above",  "after",  "again", "all",     "also",   "and",     "any",   "are",
     "because", "been",   "before", "being", "below",   "best",   "between", "both",  "but",
     "can",     "could",  "did",    "does",  "each",    "every",  "find",    "for",   "from",
     "further", "get",    "give",   "good",  "had",     "has",    "have",    "her",   "here",
     "him",     "his",    "how",    "into",  "its",     "just",   "like",    "made",  "make",
     "many",    "may",    "more",   "most",  "much",    "must",   "need",    "needs", "not",
     "now",     "off",    "one",    "only",  "other",   "our",    "out",     "over",  "own",
     "part",    "please", "same",   "see",   "she",     "should", "show",    "some",  "such",
     "take",    "task",   "than",   "that",  "the",     "their",  "them",    "then",  "there",
     "these",   "they",   "this",   "those", "through", "too",    "two",     "under", "until",
     "use",     "using",  "very",   "want",  "was",     "way",    "well",    "were",  "what",
     "when",    "where",  "which",  "while", "who",     "why",    "will",    "with",  "would",
     "you",     "your"});
static_assert(std::ranges::is_sorted(kStopWords));

constexpr auto kBindingWords =
    std::to_array<std::string_view>({"avoid", "cannot", "deadline", "least", "limit", "maximum",
                                     "minimum", "must", "never", "only", "within", "without"});
static_assert(std::ranges::is_sorted(kBindingWords));

constexpr auto kUnits = std::to_array<std::string_view>(
    {"GB",     "MB",      "TB",  "cm",      "days",  "euros",  "hours", "kg",
     "km",     "m",       "min", "minutes", "mm",    "months", "ms",    "pages",
     "people", "percent", "s",   "seconds", "users", "weeks",  "years"});
static_assert(std::ranges::is_sorted(kUnits));

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Bytes of "- ", "• ", "12. " at the start of the line; 0 when it is no list item.
std::size_t list_mark(std::string_view line) {
  constexpr std::string_view kBullet = "•";
  std::size_t end = 0;
  if (line.starts_with('-') || line.starts_with('*')) {
    end = 1;
  } else if (line.starts_with(kBullet)) {
    end = kBullet.size();
  } else {
    while (end < line.size() && end < 3 && is_digit(line[end])) ++end;
    if (end == 0 || end == line.size() || (line[end] != '.' && line[end] != ')')) return 0;
    ++end;
  }
  return end < line.size() && is_space(line[end]) ? end + 1 : 0;
}

// Bytes of " ms" at the start of what follows a number; 0 when no unit does.
std::size_t unit_after(std::string_view text) {
  if (!text.starts_with(' ')) return 0;
  std::size_t end = 1;
  while (end < text.size() && is_letter(text[end])) ++end;
  return std::ranges::binary_search(kUnits, text.substr(1, end - 1)) ? end : 0;
}

template <typename Take>
void each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void add_once(std::vector<std::string>& list, std::string_view text) {
  if (!text.empty() && std::ranges::find(list, text) == list.end()) list.emplace_back(text);
}

void add_sentences(std::vector<std::string>& list, std::string_view line) {
  std::size_t start = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool ends = line[i] == '.' || line[i] == '!' || line[i] == '?';
    if (!ends || (i + 1 < line.size() && !is_space(line[i + 1]))) continue;
    add_once(list, trimmed(line.substr(start, i + 1 - start)));
    start = i + 1;
  }
  add_once(list, trimmed(line.substr(start)));
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c)) {
      word += lower(c);
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::vector<std::string> subject_words(std::string_view text) {
  std::vector<std::string> words = words_of(text);
  std::erase_if(words, [](const std::string& word) {
    return word.size() < 3 || is_digit(word.front()) ||
           std::ranges::binary_search(kStopWords, std::string_view(word));
  });
  return words;
}

std::set<std::string> subject_set(std::string_view text) {
  const std::vector<std::string> words = subject_words(text);
  return {words.begin(), words.end()};
}

std::vector<std::string> keywords_of(std::string_view text, std::size_t count_max) {
  struct Seen {
    std::size_t times = 0;
    std::size_t first = 0;
  };
  std::map<std::string, Seen> seen;
  std::vector<std::string> keywords;
  for (std::string& word : subject_words(text)) {
    const auto [entry, is_new] = seen.emplace(word, Seen{.first = keywords.size()});
    ++entry->second.times;
    if (is_new) keywords.push_back(std::move(word));
  }
  std::ranges::sort(keywords, [&](const std::string& a, const std::string& b) {
    const Seen& left = seen[a];
    const Seen& right = seen[b];
    return left.times != right.times ? left.times > right.times : left.first < right.first;
  });
  keywords.resize(std::min(keywords.size(), count_max));
  return keywords;
}

std::vector<std::string> sentences_of(std::string_view text) {
  std::vector<std::string> sentences;
  each_line(text, [&](std::string_view line) {
    add_sentences(sentences, trimmed(line.substr(list_mark(line))));
  });
  return sentences;
}

std::vector<std::string> list_items_of(std::string_view text) {
  std::vector<std::string> items;
  each_line(text, [&](std::string_view line) {
    if (const std::size_t mark = list_mark(line); mark > 0)
      add_once(items, trimmed(line.substr(mark)));
  });
  return items;
}

bool is_binding(std::string_view sentence) {
  return std::ranges::any_of(words_of(sentence), [](const std::string& word) {
    return std::ranges::binary_search(kBindingWords, std::string_view(word));
  });
}

std::vector<std::string> numbers_of(std::string_view text) {
  std::vector<std::string> numbers;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i])) continue;
    if (i > 0 && (is_letter(text[i - 1]) || is_digit(text[i - 1]))) continue;
    const std::size_t start = i > 0 && text[i - 1] == '$' ? i - 1 : i;
    while (i + 1 < text.size() &&
           (is_digit(text[i + 1]) || ((text[i + 1] == '.' || text[i + 1] == ',') &&
                                      i + 2 < text.size() && is_digit(text[i + 2]))))
      ++i;
    if (i + 1 < text.size() && text[i + 1] == '%') ++i;
    i += unit_after(text.substr(i + 1));
    add_once(numbers, text.substr(start, i + 1 - start));
  }
  return numbers;
}

}  // namespace reprise
