// Bench workflows: types that do nothing, to measure and to exercise the engine.
//
//   bench.chain   {n}      n steps, one after the other          1 ≤ n ≤ 10,000    → {"i":n}
//   bench.fanout  {n}      n steps at once                       1 ≤ n ≤ 1,000     → {"i":n}
//   bench.sleeper {ms}     one timer                             0 ≤ ms ≤ 1 day    → {"i":1}
//   bench.signals {count?} takes signals named "signal", and records each as the fact "signal";
//                          ends after `count` of them, or at a signal named "end"  → {"i":taken}
//   bench.account {cents}  takes updates "deposit" {cents}, each answered with the balance, and
//                          refuses one of nothing; query "balance"; ends at a signal "close"
//                                                                                  → {"cents":balance}
//   bench.register {i}     holds a number: signal "add" {i}; updates "add" {i}, answered with the new
//                          number, "swap" {i}, with the one before, and "close", with the last one;
//                          query "value"; each takes effect where it is accepted  → {"i":last}
//   bench.family {children} so many bench.chain of three steps as children     1 ≤ n ≤ 100  → {"i":n}
//   bench.remote  {queue, n?, …} n steps at once, done by remote workers of the queue     → {"i":n}
// Guarantees: the view of bench.signals holds the number of signals and the last ones, bounded.
// Errors:     invalid_argument; `field` names the number. Inputs: activities/contracts/bench.hpp
//             and remote_bench.hpp.
#pragma once

#include "engine/core/catalog.hpp"

namespace reprise {

void register_bench(Catalog& catalog);

}  // namespace reprise
