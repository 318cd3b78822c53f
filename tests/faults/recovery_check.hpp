// RecoveryCheck: opens what a power cut left, as a server does, and says whether that is what must be
// there: a whole state of the store, not behind what was acknowledged, not beyond what was begun; the
// chain of groups from the floor and from the first group; every history's chain and transitions;
// every acknowledged signal once and in order.
//
// Thread: one at a time; any number side by side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/core/catalog.hpp"
#include "tests/faults/recording.hpp"
#include "tests/faults/served_store.hpp"
#include "tests/faults/virtual_files.hpp"

namespace reprise::testing {

struct Verdict {
  enum class Kind : unsigned char {
    whole,
    refused,  // said to be damaged: the server does not open it
    wrong,    // opened, and not what must be there
  };
  Kind kind = Kind::whole;
  std::string why;  // of a refusal or a wrong store
};

class RecoveryCheck {
 public:
  RecoveryCheck(const StoreStates& states, const Ledger& ledger)
      : states_(states), ledger_(ledger) {}

  Verdict check(const StoreImage& image, const Promise& promise);
  // The same of a reader; then lets a server go on with it, and looks again.
  Verdict check_and_live(const StoreImage& image, const Promise& promise);

 private:
  struct Expected {
    const StoreStates& states;
    const Ledger& ledger;
    Promise promise;
  };
  Verdict look(const Expected& expected) const;
  Verdict look_as_a_reader(const Expected& expected) const;
  Verdict live(const Promise& promise) const;
  [[nodiscard]] RocksDbOptions options() const { return {.env = &files_.env()}; }

  const StoreStates& states_;
  const Ledger& ledger_;
  const Catalog catalog_ = served_catalog();
  VirtualFiles files_;
};

}  // namespace reprise::testing
