#include "engine/runtime/activity.hpp"

#include "base/check.hpp"

namespace reprise {

void ActivityRegistry::add(std::string_view name, std::uint32_t version, ActivityBody body) {
  const bool added = bodies_.emplace(std::pair(std::string(name), version), std::move(body)).second;
  CHECK(added, "activity {} version {} is added twice", name, version);
}

const ActivityBody* ActivityRegistry::find(std::string_view name, std::uint32_t version) const {
  const auto found = bodies_.find(std::pair(std::string(name), version));
  return found == bodies_.end() ? nullptr : &found->second;
}

}  // namespace reprise
