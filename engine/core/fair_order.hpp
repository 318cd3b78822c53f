// FairOrder: in which order those that wait in one queue have their turns.
//
//     high before normal before low; within one of them, keys take turns by weight; within a key, first
//     in, first out. Low that has waited kPromotedAfter is normal from then on.
// Guarantees: pure. Of two keys that both wait all the while, each gets its weight's share to within one
//             turn. A key that had nothing waiting has saved up nothing and owes nothing beyond the turn
//             it had last. A key with nothing waiting is forgotten once its last turn is over for the
//             others too, or when more than kIdleKeysMax of them are remembered.
// Thread:     one at a time.
// Cost:       a logarithm of what waits, times the number of lanes.
// Source:     Goyal, Vin, Cheng: Start-time Fair Queuing (SIGCOMM 1996): the key with the smallest start
//             tag is next; a turn moves its tag on by 1 / weight; the virtual time is the tag served last.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/time.hpp"
#include "engine/author/precedence.hpp"

namespace reprise {

// Names one that waits; of two in a key, the smaller is first.
using Ticket = std::uint64_t;

class FairOrder {
 public:
  static constexpr Duration kPromotedAfter = std::chrono::minutes(30);
  static constexpr std::size_t kIdleKeysMax = 10'000;

  FairOrder() = default;
  FairOrder(FairOrder&&) = default;  // a copy's heads would point into the original
  FairOrder& operator=(FairOrder&&) = default;

  // `lane`: what decides who may take it. `since`: when its wait began. `whole`: all of it is given.
  void add(Ticket ticket, const std::string& lane, const Precedence& whole, SteadyTime since);
  // It waits no more, and had no turn. It is there.
  void remove(Ticket ticket);

  // A place in the order, to be compared with others of the same FairOrder.
  struct Place {
    std::uint8_t level = 0;
    std::uint64_t tag = 0;
    Ticket ticket = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  // The first of a lane.
  [[nodiscard]] std::optional<Place> first(const std::string& lane) const;
  // It has its turn. It is the first of its lane.
  void take(Ticket ticket);
  // It was taken, and had no turn after all: it waits again where it stood.
  void give_back(Ticket ticket, const std::string& lane, const Precedence& whole, SteadyTime since);

  // Low that has waited long enough becomes normal. Before first().
  void promote(SteadyTime now);

  // Lanes in which somebody waits, in order.
  [[nodiscard]] const std::map<std::string, std::size_t>& lanes() const { return lanes_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t keys_remembered() const;

 private:
  static constexpr std::size_t kLevels = 3;
  // A turn at weight 1, in the units of tags. All weights to 16 divide it; what is left over from
  // others is carried on, so that nothing adds up.
  static constexpr std::uint64_t kTurn = 720'720ULL * 16;

  struct Key {
    std::uint64_t tag = 0;
    std::uint64_t rest = 0;                           // of the division, carried to the next turn
    std::map<std::string, std::set<Ticket>> waiting;  // by lane; none is empty
  };
  using Keys = std::map<std::string, Key>;
  // A key's head in a lane, in the order in which they have their turns.
  using Heads = std::set<std::pair<std::pair<std::uint64_t, Ticket>, const std::string*>>;
  struct Level {
    std::uint64_t time = 0;  // virtual
    Keys keys;
    std::map<std::string, Heads> lanes;                    // none is empty
    std::set<std::pair<std::uint64_t, std::string>> idle;  // keys with nothing waiting, by tag
    std::size_t waiting = 0;
  };
  struct Entry {
    std::uint8_t level = 0;
    std::string lane;
    std::string key;
    std::uint32_t weight = 1;
    SteadyTime since;
  };

  void enter(Ticket ticket, const Entry& entry);
  void leave(Ticket ticket, const Entry& entry, bool has_turn);
  // The key's heads as they are now are (not) among those of their lanes.
  static void show(Level& level, const Keys::value_type& key);
  static void hide(Level& level, const Keys::value_type& key);
  static void settle(Level& level, Keys::iterator key);
  Entry forget(Ticket ticket);

  std::map<Ticket, Entry> entries_;
  std::array<Level, kLevels> levels_;
  std::map<std::string, std::size_t> lanes_;            // how many wait in each
  std::set<std::pair<SteadyTime, Ticket>> promotions_;  // of low
};

}  // namespace reprise
