#include "workflows/task/subtask_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace reprise {
namespace {

using Dependencies = std::vector<std::vector<std::size_t>>;

std::string path_of(std::size_t subtask, std::string_view field) {
  return fmt::format("subtasks[{}].{}", subtask, field);
}

bool is_plain(const std::string& id) {
  return std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

Result<std::map<std::string, std::size_t>> index_ids(const std::vector<Subtask>& subtasks) {
  std::map<std::string, std::size_t> indexes;
  for (std::size_t i = 0; i < subtasks.size(); ++i) {
    const std::string& id = subtasks[i].id;
    if (!is_plain(id))
      return fail(Errc::invalid_argument, "use letters, digits, '_', '-' and '.' only: t1",
                  path_of(i, "id"));
    if (const auto [first, is_new] = indexes.emplace(id, i); !is_new)
      return fail(
          Errc::invalid_argument,
          fmt::format("{} is also the id of subtasks[{}]: give each its own", id, first->second),
          path_of(i, "id"));
  }
  return indexes;
}

Result<Dependencies> resolve(const std::vector<Subtask>& subtasks,
                             const std::map<std::string, std::size_t>& indexes) {
  Dependencies dependencies(subtasks.size());
  for (std::size_t i = 0; i < subtasks.size(); ++i) {
    for (std::size_t d = 0; d < subtasks[i].dependencies.size(); ++d) {
      const std::string& id = subtasks[i].dependencies[d];
      const std::string path = fmt::format("{}[{}]", path_of(i, "dependencies"), d);
      const auto found = indexes.find(id);
      if (found == indexes.end()) return fail(Errc::invalid_argument, "unknown id " + id, path);
      if (found->second == i) return fail(Errc::invalid_argument, id + " depends on itself", path);
      if (std::ranges::find(dependencies[i], found->second) != dependencies[i].end())
        return fail(Errc::invalid_argument, id + " stands here twice", path);
      dependencies[i].push_back(found->second);
    }
  }
  return dependencies;
}

// "t1 → t2 → t1", walking backwards from a subtask that never became free.
std::string describe_cycle(const std::vector<Subtask>& subtasks, const Dependencies& dependencies,
                           const std::vector<std::size_t>& phases) {
  std::vector<std::size_t> walk;
  std::size_t at = static_cast<std::size_t>(std::ranges::find(phases, 0U) - phases.begin());
  while (std::ranges::find(walk, at) == walk.end()) {
    walk.push_back(at);
    at = *std::ranges::find(dependencies[at], 0U, [&](std::size_t d) { return phases[d]; });
  }
  std::string text = subtasks[at].id;
  for (auto it = std::ranges::find(walk, at) + 1; it != walk.end(); ++it)
    text += " → " + subtasks[*it].id;
  return text + " → " + subtasks[at].id;
}

// A phase of 0 stays with the subtasks of a cycle and those behind it.
std::vector<std::size_t> phases_of(const Dependencies& dependencies) {
  std::vector<std::size_t> phases(dependencies.size(), 0);
  for (std::size_t phase = 1; phase <= dependencies.size(); ++phase) {
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < dependencies.size(); ++i)
      if (phases[i] == 0 &&
          std::ranges::all_of(dependencies[i], [&](std::size_t d) { return phases[d] != 0; }))
        free.push_back(i);
    for (const std::size_t i : free) phases[i] = phase;
  }
  return phases;
}

}  // namespace

Result<SubtaskGraph> SubtaskGraph::build(const std::vector<Subtask>& subtasks) {
  if (subtasks.empty() || subtasks.size() > kSubtasksMax)
    return fail(Errc::invalid_argument,
                fmt::format("has {} subtasks: give 1 to {}", subtasks.size(), kSubtasksMax),
                "subtasks");
  const auto indexes = index_ids(subtasks);
  if (!indexes) return std::unexpected(indexes.error());
  auto dependencies = resolve(subtasks, *indexes);
  if (!dependencies) return std::unexpected(std::move(dependencies.error()));

  SubtaskGraph graph;
  graph.phases_ = phases_of(*dependencies);
  const auto stuck = std::ranges::find(graph.phases_, 0U);
  if (stuck != graph.phases_.end())
    return fail(
        Errc::invalid_argument,
        "the dependencies form a cycle: " + describe_cycle(subtasks, *dependencies, graph.phases_),
        path_of(static_cast<std::size_t>(stuck - graph.phases_.begin()), "dependencies"));
  graph.dependencies_ = std::move(*dependencies);
  return graph;
}

}  // namespace reprise
