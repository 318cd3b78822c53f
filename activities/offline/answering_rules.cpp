// Coordination, synthesis and final review by rules.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "activities/contracts/utf8.hpp"
#include "activities/offline/stage_rules.hpp"
#include "activities/offline/text_reading.hpp"

namespace reprise::offline {
namespace {

constexpr std::string_view kWhoWroteIt =
    "Written by Reprise's embedded offline stand-in: it orders the task's own words by rules, "
    "knows "
    "nothing beyond them, and checks no facts. Configure a model provider for a real answer.";

std::string text_of(const SubtaskSolution& part) {
  return part.title + "\n" + part.solution.summary + "\n" + part.solution.content;
}

std::vector<std::string> shared(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::vector<std::string> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  return both;
}

std::vector<CrossReference> cross_references(const std::vector<SubtaskSolution>& parts) {
  std::vector<CrossReference> references;
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (std::size_t j = i + 1; j < parts.size() && references.size() < 20; ++j) {
      const bool same_figures = !numbers_of(text_of(parts[i])).empty() &&
                                numbers_of(text_of(parts[i])) == numbers_of(text_of(parts[j]));
      if (shared(subject_set(parts[i].title), subject_set(parts[j].title)).empty() && !same_figures)
        continue;
      references.push_back({parts[i].title, parts[j].title,
                            same_figures ? Relationship::supports : Relationship::complements});
    }
  return references;
}

// The task's keywords that no text takes up.
std::vector<std::string> absent_keywords(const TaskBrief& task,
                                         const std::set<std::string>& given) {
  std::vector<std::string> absent;
  for (const std::string& keyword : keywords_of(task.title + "\n" + task.description, 12))
    if (!given.contains(keyword)) absent.push_back(keyword);
  return absent;
}

Hundredths mean_confidence(const std::vector<SubtaskSolution>& parts) {
  std::int32_t sum = 0;
  for (const SubtaskSolution& part : parts) sum += part.solution.confidence.value;
  return Hundredths{parts.empty() ? 0 : sum / static_cast<std::int32_t>(parts.size())};
}

std::string summary_of(const SynthesisInput& input) {
  std::string text = fmt::format("\"{}\" was worked on in {} part{}", input.task.title,
                                 input.solutions.size(), input.solutions.size() == 1 ? "" : "s");
  std::vector<std::string> titles;
  for (const SubtaskSolution& part : input.solutions) titles.push_back(part.title);
  text += fmt::format(": {}.\n\nIn short: ", fmt::join(titles, "; "));
  const std::vector<std::string> said = sentences_of(input.task.description);
  if (said.empty()) text += input.task.title + ".";
  for (std::size_t i = 0; i < std::min<std::size_t>(said.size(), 3); ++i) {
    text += (i == 0 ? "" : " ") + said[i];
    if (!std::string_view(".!?").contains(said[i].back())) text += '.';
  }
  return utf8_cut(text, 6000);
}

std::vector<std::string> steps_after(const SynthesisInput& input) {
  std::vector<std::string> steps;
  for (const std::string& gap : input.findings.gaps) steps.push_back("Close the gap: " + gap);
  for (const std::string& title : input.missing) steps.push_back("Try again: " + title);
  if (steps.empty())
    steps.push_back("Check the parts against a source before anything is decided on them");
  return steps;
}

}  // namespace

Findings answer(const CoordinationInput& input) {
  Findings findings;
  std::set<std::string> given;
  for (const SubtaskSolution& part : input.solutions) {
    given.merge(subject_set(text_of(part)));
    findings.findings.push_back({.topic = part.title,
                                 .key_points = part.solution.key_findings,
                                 .sources = {part.subtask, part.specialist},
                                 .confidence = part.solution.confidence});
  }
  findings.cross_references = cross_references(input.solutions);
  findings.gaps = absent_keywords(input.task, given);
  for (const std::string& title : input.missing)
    findings.gaps.push_back("no solution for: " + title);
  return findings;
}

FinalAnswer answer(const SynthesisInput& input) {
  FinalAnswer answer{.executive_summary = summary_of(input)};
  for (const SubtaskSolution& part : input.solutions)
    answer.sections.push_back({part.title, utf8_cut(part.solution.content, 12'000)});
  for (const Finding& finding : input.findings.findings)
    for (const std::string& point : finding.key_points) {
      if (answer.key_insights.size() < 6 &&
          std::ranges::find(answer.key_insights, point) == answer.key_insights.end())
        answer.key_insights.push_back(point);
      if (answer.evidence.size() < 20)
        answer.evidence.push_back({point, finding.sources, finding.confidence});
    }
  if (input.revision)
    answer.sections.push_back({"What the review asked for", input.revision->feedback.empty()
                                                                ? "Nothing in words."
                                                                : input.revision->feedback});
  answer.recommendations = steps_after(input);
  answer.limitations.emplace_back(kWhoWroteIt);
  for (const std::string& title : input.missing)
    answer.limitations.push_back("There is no accepted solution for: " + title);
  answer.confidence = mean_confidence(input.solutions);
  return answer;
}

FinalVerdict answer(const FinalReviewInput& input) {
  std::string text = input.answer.executive_summary;
  for (const AnswerSection& section : input.answer.sections)
    text += "\n" + section.title + "\n" + section.content;
  const std::vector<std::string> absent = absent_keywords(input.task, subject_set(text));
  const std::size_t all = keywords_of(input.task.title + "\n" + input.task.description, 12).size();
  FinalVerdict verdict;
  verdict.approved = absent.size() * 2 <= all && !input.answer.limitations.empty();
  if (verdict.approved) {
    verdict.feedback =
        fmt::format("{} of {} of the task's key words are taken up.", all - absent.size(), all);
  } else {
    verdict.feedback = fmt::format("Take up: {}", fmt::join(absent, ", "));
    verdict.revision_requests.push_back(verdict.feedback);
  }
  return verdict;
}

}  // namespace reprise::offline
