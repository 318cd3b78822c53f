#include "workflows/task/team.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reprise {
namespace {

std::size_t team_size(Complexity complexity) {
  switch (complexity) {
    case Complexity::simple: return 2;
    case Complexity::moderate: return 3;
    case Complexity::complex: return 5;
  }
  return 3;
}

// "Data Analysis" and "data-analysis" are data_analysis.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z')
      plain += static_cast<char>(c - 'A' + 'a');
    else
      plain += c == ' ' || c == '-' ? '_' : c;
  }
  return plain;
}

bool has_capability(const Specialist& member, const std::string& capability) {
  const SpecialistType* type = find_specialist_type(member.type);
  return type != nullptr &&
         std::ranges::find(type->capabilities, capability) != type->capabilities.end();
}

std::string names_of_types() {
  std::string names;
  for (const SpecialistType& type : specialist_types())
    if (type.takes_subtasks) names += fmt::format("{}{}", names.empty() ? "" : ", ", type.name);
  return names;
}

}  // namespace

Result<> check_selection(const SpecialistSelection& selection) {
  for (std::size_t i = 0; i < selection.specialists.size(); ++i) {
    const std::string& name = selection.specialists[i].type;
    const std::string path = fmt::format("specialists[{}].type", i);
    const SpecialistType* type = find_specialist_type(name);
    if (type == nullptr || !type->takes_subtasks)
      return fail(Errc::invalid_argument,
                  fmt::format("\"{}\" takes no subtasks: use {}", name, names_of_types()), path);
    for (std::size_t earlier = 0; earlier < i; ++earlier)
      if (selection.specialists[earlier].type == name)
        return fail(Errc::invalid_argument, name + " stands there twice", path);
  }
  return {};
}

std::vector<std::string> capability_gaps(const std::vector<Specialist>& team,
                                         const std::vector<std::string>& required) {
  std::vector<std::string> gaps;
  for (const std::string& capability : required) {
    const std::string plain = plain_name(capability);
    if (std::ranges::none_of(team,
                             [&](const auto& member) { return has_capability(member, plain); }))
      gaps.push_back(capability);
  }
  return gaps;
}

std::vector<Specialist> pick_team(const SpecialistSelection& selection, const Analysis& analysis) {
  std::vector<Specialist> team = selection.specialists;
  std::ranges::sort(team, [](const Specialist& a, const Specialist& b) {
    return a.score != b.score ? a.score > b.score : a.type < b.type;
  });
  team.resize(std::min(team.size(), team_size(analysis.complexity)));

  std::vector<std::string> gaps = capability_gaps(team, analysis.required_capabilities);
  const bool has_generalist = std::ranges::find(team, kGeneralist, &Specialist::type) != team.end();
  if (!has_generalist && (!gaps.empty() || team.size() < 2))
    team.push_back({.type = std::string(kGeneralist),
                    .rationale = gaps.empty() ? "a second view"
                                              : fmt::format("nobody else covers {}", gaps.front()),
                    .score = Hundredths{50},
                    .priority = Priority::normal,
                    .focus_areas = std::move(gaps)});
  return team;
}

}  // namespace reprise
