#include "engine/core/fair_order.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace reprise {
namespace {

constexpr std::uint8_t level_of(Priority priority) {
  return static_cast<std::uint8_t>(static_cast<std::uint8_t>(priority) - 1);
}
constexpr std::uint8_t kNormal = level_of(Priority::normal);
constexpr std::uint8_t kLow = level_of(Priority::low);

}  // namespace

void FairOrder::add(Ticket ticket, const std::string& lane, const Precedence& whole,
                    SteadyTime since) {
  const auto [added, is_new] = entries_.emplace(
      ticket, Entry{level_of(whole.priority.value_or(Priority::normal)), lane, whole.fairness_key,
                    std::max(whole.fairness_weight, 1U), since});
  CHECK(is_new, "ticket {} waits twice", ticket);
  ++lanes_[lane];
  if (added->second.level == kLow) promotions_.emplace(since + kPromotedAfter, ticket);
  enter(ticket, added->second);
}

void FairOrder::remove(Ticket ticket) { leave(ticket, forget(ticket), false); }

void FairOrder::take(Ticket ticket) { leave(ticket, forget(ticket), true); }

void FairOrder::give_back(Ticket ticket, const std::string& lane, const Precedence& whole,
                          SteadyTime since) {
  add(ticket, lane, whole, since);
  const Entry& entry = entries_.at(ticket);
  Level& level = levels_[entry.level];
  const auto key = level.keys.find(entry.key);
  hide(level, *key);
  const std::uint64_t turn = kTurn / entry.weight;
  key->second.tag = std::max(level.time, key->second.tag - std::min(key->second.tag, turn));
  show(level, *key);
}

FairOrder::Entry FairOrder::forget(Ticket ticket) {
  auto found = entries_.extract(ticket);
  CHECK(!found.empty(), "ticket {} does not wait", ticket);
  Entry entry = std::move(found.mapped());
  const auto lane = lanes_.find(entry.lane);
  if (--lane->second == 0) lanes_.erase(lane);
  if (entry.level == kLow) promotions_.erase({entry.since + kPromotedAfter, ticket});
  return entry;
}

void FairOrder::enter(Ticket ticket, const Entry& entry) {
  Level& level = levels_[entry.level];
  const auto [key, is_new] = level.keys.try_emplace(entry.key);
  if (is_new)
    key->second.tag = level.time;
  else if (key->second.waiting.empty())
    level.idle.erase({key->second.tag, key->first});
  hide(level, *key);
  key->second.waiting[entry.lane].insert(ticket);
  ++level.waiting;
  show(level, *key);
}

void FairOrder::leave(Ticket ticket, const Entry& entry, bool has_turn) {
  Level& level = levels_[entry.level];
  const auto key = level.keys.find(entry.key);
  hide(level, *key);
  const auto lane = key->second.waiting.find(entry.lane);
  lane->second.erase(ticket);
  if (lane->second.empty()) key->second.waiting.erase(lane);
  --level.waiting;
  if (has_turn) {
    // A key whose lanes nobody asked for has saved up nothing.
    level.time = std::max(level.time, key->second.tag);
    const std::uint64_t share = kTurn + key->second.rest;
    key->second.tag = level.time + share / entry.weight;
    key->second.rest = share % entry.weight;
  }
  show(level, *key);
  settle(level, key);
}

void FairOrder::show(Level& level, const Keys::value_type& key) {
  for (const auto& [lane, tickets] : key.second.waiting)
    level.lanes[lane].insert({{key.second.tag, *tickets.begin()}, &key.first});
}

void FairOrder::hide(Level& level, const Keys::value_type& key) {
  for (const auto& [lane, tickets] : key.second.waiting) {
    const auto heads = level.lanes.find(lane);
    heads->second.erase({{key.second.tag, *tickets.begin()}, &key.first});
    if (heads->second.empty()) level.lanes.erase(heads);
  }
}

// Forgets keys that have nothing waiting, as soon as that makes no difference.
void FairOrder::settle(Level& level, Keys::iterator key) {
  if (level.waiting == 0) {
    level = Level();
    return;
  }
  if (key->second.waiting.empty()) level.idle.emplace(key->second.tag, key->first);
  while (!level.idle.empty() &&
         (level.idle.begin()->first <= level.time || level.idle.size() > kIdleKeysMax)) {
    level.keys.erase(level.idle.begin()->second);
    level.idle.erase(level.idle.begin());
  }
}

std::optional<FairOrder::Place> FairOrder::first(const std::string& lane) const {
  for (std::uint8_t level = 0; level < kLevels; ++level) {
    const auto heads = levels_[level].lanes.find(lane);
    if (heads == levels_[level].lanes.end()) continue;
    const auto& [tag, ticket] = heads->second.begin()->first;
    return Place{level, tag, ticket};
  }
  return std::nullopt;
}

void FairOrder::promote(SteadyTime now) {
  while (!promotions_.empty() && promotions_.begin()->first <= now) {
    const Ticket ticket = promotions_.begin()->second;
    promotions_.erase(promotions_.begin());
    Entry& entry = entries_.at(ticket);
    leave(ticket, entry, false);
    entry.level = kNormal;
    enter(ticket, entry);
  }
}

std::size_t FairOrder::keys_remembered() const {
  std::size_t count = 0;
  for (const Level& level : levels_) count += level.keys.size();
  return count;
}

}  // namespace reprise
