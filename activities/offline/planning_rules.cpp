// Analysis, selection and decomposition by rules.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "activities/contracts/utf8.hpp"
#include "activities/offline/stage_rules.hpp"
#include "activities/offline/text_reading.hpp"

namespace reprise::offline {
namespace {

constexpr std::size_t kPartsMax = 8;

// A word that points to a field, and to what it takes to work in it.
struct Pointer {
  std::string_view stem;
  std::string_view domain;
  std::string_view capability;
};

constexpr auto kPointers = std::to_array<Pointer>({
    {"financ", "finance", "financial_modeling"},
    {"budget", "finance", "financial_modeling"},
    {"cost", "finance", "financial_modeling"},
    {"revenue", "finance", "financial_modeling"},
    {"invest", "finance", "financial_modeling"},
    {"price", "finance", "financial_modeling"},
    {"trend", "finance", "trend_analysis"},
    {"forecast", "data", "forecasting"},
    {"predict", "data", "forecasting"},
    {"data", "data", "data_analysis"},
    {"statistic", "data", "statistics"},
    {"survey", "data", "statistics"},
    {"measure", "data", "data_analysis"},
    {"chart", "data", "visualization"},
    {"market", "market", "market_knowledge"},
    {"compet", "market", "competitive_analysis"},
    {"customer", "market", "customer_segmentation"},
    {"audience", "market", "customer_segmentation"},
    {"campaign", "marketing", "marketing_strategy"},
    {"brand", "marketing", "marketing_strategy"},
    {"advert", "marketing", "channel_planning"},
    {"launch", "marketing", "marketing_strategy"},
    {"code", "software", "code_generation"},
    {"software", "software", "software_design"},
    {"program", "software", "code_generation"},
    {"implement", "software", "code_generation"},
    {"engine", "software", "software_design"},
    {"test", "software", "testing"},
    {"database", "software", "database_operations"},
    {"api", "software", "api_integration"},
    {"strateg", "business", "business_strategy"},
    {"business", "business", "business_strategy"},
    {"process", "business", "process_analysis"},
    {"requirement", "business", "requirements"},
    {"research", "research", "research"},
    {"compar", "research", "research"},
    {"source", "research", "research"},
    {"histor", "research", "research"},
    {"explain", "research", "summarizing"},
    {"summar", "research", "summarizing"},
    {"write", "writing", "writing"},
    {"letter", "writing", "writing"},
    {"plan", "planning", "planning"},
    {"organi", "planning", "planning"},
});

std::string text_of(const TaskBrief& task) { return task.title + ".\n" + task.description; }

std::vector<const Pointer*> pointers_in(std::string_view text) {
  std::vector<const Pointer*> found;
  for (const std::string& word : words_of(text))
    for (const Pointer& pointer : kPointers)
      if (word.starts_with(pointer.stem)) found.push_back(&pointer);
  return found;
}

// The field with the most pointers; the first named wins a tie.
std::string domain_of(const std::vector<const Pointer*>& pointers) {
  std::string_view best = "general";
  std::ptrdiff_t most = 0;
  for (const Pointer* pointer : pointers) {
    const auto times = std::ranges::count(pointers, pointer->domain, &Pointer::domain);
    if (times > most) {
      most = times;
      best = pointer->domain;
    }
  }
  return std::string(best);
}

std::vector<std::string> constraints_in(const TaskBrief& task) {
  std::vector<std::string> constraints = task.context.constraints;
  if (!task.context.deadline.empty()) constraints.push_back("Deadline: " + task.context.deadline);
  for (const std::string& sentence : sentences_of(task.description)) {
    if (is_binding(sentence) && constraints.size() < 10)
      constraints.push_back(utf8_cut(sentence, 300));
  }
  return constraints;
}

std::size_t overlap(const SpecialistType& type, const std::vector<std::string>& wanted) {
  return static_cast<std::size_t>(std::ranges::count_if(type.capabilities, [&](std::string_view c) {
    return std::ranges::find(wanted, c) != wanted.end();
  }));
}

std::vector<std::string> capabilities_in(std::string_view text) {
  std::vector<std::string> capabilities;
  for (const Pointer* pointer : pointers_in(text))
    if (std::ranges::find(capabilities, pointer->capability) == capabilities.end())
      capabilities.emplace_back(pointer->capability);
  return capabilities;
}

// The member whose capabilities fit the text best; each in turn where none fits better.
const Specialist& member_for(std::string_view text, const std::vector<Specialist>& team,
                             std::size_t turn) {
  const std::vector<std::string> wanted = capabilities_in(text);
  const Specialist* best = &team[turn % team.size()];
  std::size_t most = 0;
  for (const Specialist& member : team) {
    const SpecialistType* type = find_specialist_type(member.type);
    const std::size_t fits = type == nullptr ? 0 : overlap(*type, wanted);
    if (fits > most) {
      most = fits;
      best = &member;
    }
  }
  return *best;
}

struct Part {
  std::string title;
  std::vector<std::string> said;  // the task's sentences that it is about
};

bool share_a_word(std::string_view a, std::string_view b) {
  const std::set<std::string> words = subject_set(a);
  return std::ranges::any_of(subject_words(b),
                             [&](const std::string& word) { return words.contains(word); });
}

// One part for each title, with the sentences that speak of it and are no titles themselves.
std::vector<Part> parts_by_title(const std::vector<std::string>& titles, const TaskBrief& task) {
  std::vector<Part> parts;
  for (const std::string& title : titles) {
    if (parts.size() == kPartsMax) break;
    Part part{.title = utf8_cut(title, 200), .said = {title}};
    for (const std::string& sentence : sentences_of(task.description))
      if (std::ranges::find(titles, sentence) == titles.end() && share_a_word(title, sentence))
        part.said.push_back(sentence);
    parts.push_back(std::move(part));
  }
  return parts;
}

// Without a list: what is wanted, and what binds it.
std::vector<Part> parts_by_kind(const TaskBrief& task) {
  Part aims{.title = "Aims", .said = {task.title}};
  Part limits{.title = "Limits and figures", .said = {}};
  for (const std::string& sentence : sentences_of(task.description)) {
    const bool binds = is_binding(sentence) || !numbers_of(sentence).empty();
    (binds ? limits : aims).said.push_back(sentence);
  }
  if (limits.said.empty()) return {Part{utf8_cut(task.title, 200), std::move(aims.said)}};
  return {std::move(aims), std::move(limits)};
}

std::vector<Part> parts_of(const DecompositionInput& input) {
  if (!input.wanted.empty()) return parts_by_title(input.wanted, input.task);
  const std::vector<std::string> items = list_items_of(input.task.description);
  return items.size() >= 2 ? parts_by_title(items, input.task) : parts_by_kind(input.task);
}

Subtask subtask_of(const Part& part, const DecompositionInput& input, std::size_t index) {
  return {.id = fmt::format("t{}", index + 1),
          .title = part.title,
          .description = utf8_cut(fmt::format("{}", fmt::join(part.said, "\n")), 9'000),
          .specialist = member_for(part.said.front(), input.specialists, index).type,
          .deliverable = "What the task says about it, in order, and what stays open",
          .priority = index == 0 ? Priority::high : Priority::normal,
          .complexity = input.analysis.complexity,
          .success_criteria = {"It is about its own subject", "It names what is not known"},
          .estimated_minutes = 10};
}

}  // namespace

Analysis answer(const AnalysisInput& input) {
  const std::string text = text_of(input.task);
  const std::size_t words = words_of(text).size();
  const std::size_t items = list_items_of(input.task.description).size();
  Analysis analysis;
  analysis.domain =
      input.task.context.domain.empty() ? domain_of(pointers_in(text)) : input.task.context.domain;
  for (const std::string& keyword : keywords_of(text, 12))
    analysis.keywords.push_back(utf8_cut(keyword, 60));
  analysis.required_capabilities = capabilities_in(text);
  analysis.required_capabilities.resize(
      std::min<std::size_t>(analysis.required_capabilities.size(), 6));
  if (analysis.required_capabilities.empty()) analysis.required_capabilities = {"reasoning"};
  if (words < 25 && items < 3) analysis.complexity = Complexity::simple;
  if (words > 120 || items >= 5) analysis.complexity = Complexity::complex;
  analysis.constraints = constraints_in(input.task);
  return analysis;
}

SpecialistSelection answer(const SelectionInput& input) {
  SpecialistSelection selection;
  for (const SpecialistType& type : specialist_types()) {
    if (!type.takes_subtasks) continue;
    const auto fits =
        static_cast<std::int32_t>(overlap(type, input.analysis.required_capabilities));
    if (fits == 0 && type.name != kGeneralist) continue;
    Specialist specialist{.type = std::string(type.name),
                          .score = Hundredths{std::min(95, 40 + 18 * fits)},
                          .priority = fits > 1 ? Priority::high : Priority::normal};
    for (const std::string_view capability : type.capabilities)
      if (std::ranges::find(input.analysis.required_capabilities, capability) !=
          input.analysis.required_capabilities.end())
        specialist.focus_areas.emplace_back(capability);
    specialist.rationale = specialist.focus_areas.empty()
                               ? std::string("takes what no other specialist covers")
                               : fmt::format("covers {}", fmt::join(specialist.focus_areas, ", "));
    selection.specialists.push_back(std::move(specialist));
  }
  return selection;
}

Decomposition answer(const DecompositionInput& input) {
  Decomposition plan;
  for (const Part& part : parts_of(input))
    plan.subtasks.push_back(subtask_of(part, input, plan.subtasks.size()));
  if (plan.subtasks.size() < 2 || !input.wanted.empty()) return plan;
  const Part conclusions{.title = "Conclusions", .said = {input.task.title}};
  Subtask last = subtask_of(conclusions, input, plan.subtasks.size());
  for (const Subtask& part : plan.subtasks) last.dependencies.push_back(part.id);
  plan.subtasks.push_back(std::move(last));
  return plan;
}

}  // namespace reprise::offline
