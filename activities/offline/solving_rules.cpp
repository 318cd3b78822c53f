// Execution and review by rules.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "activities/contracts/utf8.hpp"
#include "activities/offline/stage_rules.hpp"
#include "activities/offline/text_reading.hpp"

namespace reprise::offline {
namespace {

constexpr std::size_t kSentencesMax = 12;
constexpr std::size_t kWordsForFullLength = 24;

void add_section(std::string& content, std::string_view title,
                 const std::vector<std::string>& items) {
  if (items.empty()) return;
  content += fmt::format("{}{}:\n", content.empty() ? "" : "\n", title);
  for (const std::string& item : items) content += fmt::format("- {}\n", item);
}

// "a a a b" is "a b": what another approach makes of a text that repeats itself.
std::string without_runs(std::string_view sentence) {
  std::string out;
  std::string last;
  for (const std::string& word : words_of(sentence)) {
    if (word == last) continue;
    out += (out.empty() ? "" : " ") + word;
    last = word;
  }
  return out;
}

// Words that ask for the work, and are not what it is about.
constexpr auto kRequestWords = std::to_array<std::string_view>(
    {"aims",   "analyse",  "analyze", "build",   "choose",  "compare", "conclusions", "create",
     "define", "describe", "design",  "develop", "explain", "figures", "limits",      "list",
     "plan",   "prepare",  "say",     "split",   "study",   "write"});
static_assert(std::ranges::is_sorted(kRequestWords));

std::vector<std::string> open_questions(const std::vector<std::string>& keywords) {
  std::vector<std::string> questions;
  for (const std::string& keyword : keywords) {
    if (questions.size() == 4) break;
    if (std::ranges::binary_search(kRequestWords, std::string_view(keyword))) continue;
    questions.push_back(fmt::format("What is known about {}, and from which source?", keyword));
  }
  questions.emplace_back("Who decides, and by which measure is the outcome good enough?");
  questions.emplace_back("Which assumption, if it were wrong, would change the result most?");
  return questions;
}

// In percent; 100 when there is nothing to cover.
std::int32_t share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 100
                    : static_cast<std::int32_t>(std::min<std::size_t>(100 * part / whole, 100));
}

struct Measures {
  std::int32_t coverage;   // of the subtask's words by the solution's, percent
  std::int32_t substance;  // different words, up to those of a full answer, percent
  std::int32_t novelty;    // 100: no word more often than three times on average
  std::vector<std::string> absent;
};

Measures measure(const Subtask& subtask, std::string_view content) {
  const std::set<std::string> wanted = subject_set(subtask.title + "\n" + subtask.description);
  const std::vector<std::string> said = subject_words(content);
  const std::set<std::string> given(said.begin(), said.end());
  Measures measures{.coverage = 0,
                    .substance = share(given.size(), kWordsForFullLength),
                    .novelty = share(3 * given.size(), said.size()),
                    .absent = {}};
  for (const std::string& word : wanted)
    if (!given.contains(word)) measures.absent.push_back(word);
  measures.coverage = share(wanted.size() - measures.absent.size(), wanted.size());
  measures.absent.resize(std::min<std::size_t>(measures.absent.size(), 8));
  return measures;
}

}  // namespace

Solution answer(const ExecutionInput& input) {
  const std::string& text = input.subtask.description;
  std::vector<std::string> said = sentences_of(text);
  said.resize(std::min(said.size(), kSentencesMax));
  for (std::string& sentence : said) {
    if (input.revision && input.revision->verdict == Verdict::rejected)
      sentence = without_runs(sentence);
    sentence = utf8_cut(sentence, 500);
  }

  std::string content;
  add_section(content, "The task says", said);
  add_section(content, "Figures named", numbers_of(text));
  add_section(content, "To be kept to", input.task.context.constraints);
  std::vector<std::string> built_on;
  for (const SubtaskSolution& result : input.results)
    built_on.push_back(fmt::format("{}: {}", result.title, result.solution.summary));
  add_section(content, "Built on", built_on);
  if (input.revision) {
    const std::vector<std::string> keywords = keywords_of(input.subtask.title + "\n" + text, 16);
    content += fmt::format("\nKey words: {}.\n\n", fmt::join(keywords, ", "));
    add_section(content, "Open questions", open_questions(keywords));
  }

  Solution solution{.summary = utf8_cut(said.empty() ? input.subtask.title : said.back(), 1500),
                    .content = utf8_cut(content.empty() ? input.subtask.title : content, 30'000),
                    .key_findings = said,
                    .sources = {"the task's own text"},
                    .confidence = Hundredths{said.size() > 2 ? 55 : 35}};
  solution.key_findings.resize(std::min<std::size_t>(solution.key_findings.size(), 5));
  return solution;
}

Review answer(const ReviewInput& input) {
  const Measures found = measure(input.subtask, input.solution.content);
  Review review;
  review.scores = {.completeness = Hundredths{4 * found.coverage + 6 * found.substance},
                   .accuracy = Hundredths{4 * found.substance + 6 * found.novelty},
                   .relevance = Hundredths{10 * found.coverage},
                   .quality = Hundredths{8 * found.substance + 2 * found.novelty}};
  const auto judge = [&](std::int32_t percent, std::string text, std::string request) {
    const bool is_good = percent >= 70;
    (is_good ? review.strengths : review.weaknesses).push_back(std::move(text));
    if (!is_good) review.revision_requests.push_back(std::move(request));
  };
  judge(found.coverage, fmt::format("{} % of the subtask's words are taken up", found.coverage),
        fmt::format("Take up: {}", fmt::join(found.absent, ", ")));
  judge(found.substance, fmt::format("{} % of the words of a full answer", found.substance),
        "Say more, and what stays open");
  judge(found.novelty, fmt::format("{} % is no repetition", found.novelty), "Say each thing once");
  review.feedback = fmt::format("Coverage {} %, substance {} %, novelty {} %.", found.coverage,
                                found.substance, found.novelty);
  return review;
}

}  // namespace reprise::offline
