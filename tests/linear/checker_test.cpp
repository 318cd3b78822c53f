// The checker against histories whose verdict is known, and against all orders of small ones.
#include "tests/linear/checker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>
#include <string>

#include "tests/linear/window.hpp"

namespace reprise::linear {
namespace {

using ::testing::HasSubstr;

// A number that can be put, added to and read; the answer is the number afterwards.
struct Cell {
  struct Operation {
    char verb = 'r';  // put, add, read
    int amount = 0;
  };
  struct State {
    int number = 0;
    friend auto operator<=>(const State&, const State&) = default;
  };
  using Answer = State;
  static std::optional<State> after(State state, const Operation& operation, const State* answer) {
    if (operation.verb == 'p') state.number = operation.amount;
    if (operation.verb == 'a') state.number += operation.amount;
    return answer == nullptr || *answer == state ? std::optional(state) : std::nullopt;
  }
};
std::string to_text(const Cell::Operation& operation) {
  return fmt::format("{}{}", operation.verb, operation.amount);
}
std::string to_text(const Cell::State& state) { return fmt::format("{}", state.number); }

using CellCalls = CallsOf<Cell>;

Cell::Operation put(int amount) { return {'p', amount}; }
Cell::Operation add(int amount) { return {'a', amount}; }
Cell::Operation read() { return {'r', 0}; }

// "[asked, ended] operation → answer"; without an answer it may have taken effect or not.
Call<Cell::Operation, Cell::State> call(Instant asked, Instant ended, Cell::Operation operation,
                                        std::optional<int> answer) {
  return {.asked = asked,
          .ended = ended,
          .operation = operation,
          .answer = answer ? std::optional(Cell::State{*answer}) : std::nullopt};
}

Verdict verdict(const CellCalls& calls) { return check<Cell>(calls).verdict; }

TEST(Checker, NothingIsLinearizable) { EXPECT_EQ(verdict({}), Verdict::linearizable); }

TEST(Checker, CallsAtOnceMayTakeEffectInEitherOrder) {
  EXPECT_EQ(verdict({call(1, 9, put(5), 5), call(2, 3, read(), 0), call(4, 5, read(), 5)}),
            Verdict::linearizable);
  EXPECT_EQ(verdict({call(1, 9, put(5), 5), call(2, 3, read(), 5), call(4, 5, read(), 5)}),
            Verdict::linearizable);
}

TEST(Checker, AStaleReadIsFound) {
  EXPECT_EQ(verdict({call(1, 2, put(5), 5), call(3, 4, read(), 0)}), Verdict::not_linearizable);
  EXPECT_EQ(verdict({call(1, 9, put(5), 5), call(2, 3, read(), 5), call(4, 5, read(), 0)}),
            Verdict::not_linearizable)
      << "it was seen once, and then no more";
}

TEST(Checker, ALostUpdateIsFound) {
  EXPECT_EQ(verdict({call(1, 4, add(2), 2), call(2, 5, add(3), 3)}), Verdict::not_linearizable);
  EXPECT_EQ(verdict({call(1, 4, add(2), 2), call(2, 5, add(3), 5)}), Verdict::linearizable);
}

TEST(Checker, AnEffectThatCameTwiceIsFound) {
  EXPECT_EQ(verdict({call(1, 2, add(3), 3), call(3, 4, read(), 6)}), Verdict::not_linearizable);
}

TEST(Checker, AValueFromNowhereIsFound) {
  EXPECT_EQ(verdict({call(1, 2, add(3), 3), call(3, 4, read(), 4)}), Verdict::not_linearizable);
}

TEST(Checker, ACallWithoutAnAnswerMayTakeEffectAtAnyTimeUntilItsEndOrNever) {
  const auto lost = [](Instant ended) { return call(1, ended, add(7), std::nullopt); };
  EXPECT_EQ(verdict({lost(kNever), call(2, 3, read(), 0)}), Verdict::linearizable);
  EXPECT_EQ(verdict({lost(kNever), call(2, 3, read(), 0), call(8, 9, read(), 7)}),
            Verdict::linearizable);
  EXPECT_EQ(verdict({lost(kNever), call(2, 3, read(), 7), call(8, 9, read(), 0)}),
            Verdict::not_linearizable);
  EXPECT_EQ(verdict({lost(5), call(6, 7, read(), 0), call(8, 9, read(), 7)}),
            Verdict::not_linearizable)
      << "it was over before the first read was asked";
  EXPECT_EQ(verdict({lost(5), call(4, 7, read(), 0), call(8, 9, read(), 7)}),
            Verdict::linearizable);
}

TEST(Checker, ASearchOverItsBudgetIsUndecided) {
  CellCalls calls;
  for (Instant i = 0; i < 20; ++i) calls.push_back(call(i, 100 + i, add(1 << i), -1));
  const Finding<Cell> finding = check<Cell>(calls, 0);
  EXPECT_EQ(finding.verdict, Verdict::undecided);
}

TEST(Checker, TheOrderThatIsFoundGivesTheAnswers) {
  const CellCalls calls = {call(1, 6, add(2), 5), call(2, 5, add(3), 3), call(7, 8, read(), 5)};
  EXPECT_EQ(check<Cell>(calls).order, (std::vector<std::size_t>{1, 0, 2}));
}

TEST(Window, TheExplanationEndsWithTheFirstCallThatFitsNowhere) {
  const CellCalls calls = {call(1, 2, add(2), 2), call(3, 4, add(3), 5), call(5, 6, read(), 4),
                           call(7, 8, add(9), 14)};
  EXPECT_EQ(smallest_window<Cell>(calls).size(), 3U);
  const std::string text = explain<Cell>(calls);
  EXPECT_THAT(text, HasSubstr("3 calls up to the first that no order explains"));
  EXPECT_THAT(text, HasSubstr("then it is: 5\nnot explained:\n  client 0 [5, 6] r0 -> 4\n"));
}

// --- properties ---

// Calls of a sequential cell, told with overlaps: each is asked some time before it takes effect, and
// ends some time after.
CellCalls overlapping(std::size_t count, Instant spread) {
  CellCalls calls;
  Cell::State state;
  for (std::size_t i = 0; i < count; ++i) {
    const auto verb = *rc::gen::element('p', 'a', 'r');
    const Cell::Operation operation{verb, verb == 'r' ? 0 : *rc::gen::inRange(1, 4)};
    state = Cell::after(state, operation, nullptr).value();
    const Instant now = 1000 + 10 * i;
    const bool is_lost = *rc::gen::inRange(0, 6) == 0;
    calls.push_back(call(now - *rc::gen::inRange<Instant>(0, spread),
                         now + *rc::gen::inRange<Instant>(0, spread), operation,
                         is_lost ? std::nullopt : std::optional(state.number)));
    if (is_lost && *rc::gen::arbitrary<bool>()) calls.back().ended = kNever;
  }
  return calls;
}

// Whether the calls, in this order, give their answers and keep what was over before what began later.
bool is_explained_by(const CellCalls& calls, const std::vector<std::size_t>& order) {
  std::optional<Cell::State> state = Cell::State{};
  for (std::size_t at = 0; at < order.size(); ++at) {
    const auto& call = calls[order[at]];
    for (std::size_t later = at + 1; later < order.size(); ++later)
      if (calls[order[later]].ended < call.asked) return false;
    state = Cell::after(*state, call.operation, call.answer ? &*call.answer : nullptr);
    if (!state) return false;
  }
  return true;
}

// Every order of the answered calls, with every choice of the others.
bool any_order_explains(const CellCalls& calls) {
  for (std::size_t chosen = 0; chosen < (std::size_t{1} << calls.size()); ++chosen) {
    std::vector<std::size_t> order;
    bool is_choice = true;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const bool is_in = ((chosen >> i) & 1U) != 0;
      if (is_in) order.push_back(i);
      is_choice = is_choice && (is_in || !calls[i].answer);
    }
    if (!is_choice) continue;
    do {
      if (is_explained_by(calls, order)) return true;
    } while (std::ranges::next_permutation(order).found);
  }
  return false;
}

RC_GTEST_PROP(CheckerProperty, WhatASequentialObjectAnsweredIsAccepted, ()) {
  const CellCalls calls = overlapping(*rc::gen::inRange<std::size_t>(1, 60), 35);
  RC_ASSERT(verdict(calls) == Verdict::linearizable);
}

RC_GTEST_PROP(CheckerProperty, AChangedAnswerIsRejectedWhenNoOrderExplainsIt, ()) {
  CellCalls calls = overlapping(*rc::gen::inRange<std::size_t>(1, 6), 25);
  for (auto& call : calls)
    if (call.answer && *rc::gen::inRange(0, 3) == 0)
      call.answer->number += *rc::gen::inRange(-3, 4);
  const bool is_explained = any_order_explains(calls);
  RC_CLASSIFY(!is_explained, "rejected");
  RC_ASSERT(verdict(calls) == (is_explained ? Verdict::linearizable : Verdict::not_linearizable));
}

}  // namespace
}  // namespace reprise::linear
