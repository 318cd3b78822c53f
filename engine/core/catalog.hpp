// Catalog: the workflow types that this build knows, each with its code and its view.
//
// Thread: filled before the engine opens, read-only after.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/author/definition.hpp"
#include "engine/core/view.hpp"

namespace reprise {

struct WorkflowType {
  WorkflowDefinition definition;
  ViewDefinition view;
};

class Catalog {
 public:
  // A type may be added once.
  void add(WorkflowDefinition definition, ViewDefinition view = {});
  // Null when this build does not know the type.
  [[nodiscard]] const WorkflowType* find(std::string_view type) const;
  [[nodiscard]] const std::map<std::string, WorkflowType, std::less<>>& types() const {
    return types_;
  }

 private:
  std::map<std::string, WorkflowType, std::less<>> types_;
};

}  // namespace reprise
