#include "engine/core/catalog.hpp"

#include "base/check.hpp"

namespace reprise {

void Catalog::add(WorkflowDefinition definition, ViewDefinition view) {
  std::string type = definition.type;
  const bool added =
      types_.emplace(type, WorkflowType{std::move(definition), std::move(view)}).second;
  CHECK(added, "workflow type {} is added twice", type);
}

const WorkflowType* Catalog::find(std::string_view type) const {
  const auto found = types_.find(type);
  return found == types_.end() ? nullptr : &found->second;
}

}  // namespace reprise
