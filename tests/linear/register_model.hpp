// RegisterModel: one workflow id as a sequential object: what every call would be answered if nobody
// else called at the same time and the server never died.
//
// What a lost call left behind has a run id and event numbers that nobody has seen: they are open in
// the state until an answer names them. Event numbers are held to grow, and not to an exact value.
// A cancel is a request: what ends the run in the same step of the server, before its code could take
// the request, may come first. So a run that was cancelled last of all may still be terminated.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/linear/register_calls.hpp"

namespace reprise::linear {

struct RegisterModel {
  // A signal or an update that a run has taken under a key.
  struct Taken {
    std::uint64_t sequence = 0;  // 0: not seen yet
    std::optional<std::uint32_t> value{};
    friend auto operator<=>(const Taken&, const Taken&) = default;
  };
  struct Run {
    std::string id{};  // empty: not seen yet
    std::string status = "running";
    bool just_cancelled = false;  // and nothing has been seen of it since
    bool is_unsettled = false;    // "cancelled" may turn out to be "terminated"
    std::uint32_t value = 0;
    std::uint64_t last = 1;  // no event after it has a smaller number
    std::map<std::string, Taken> signals{};
    std::map<std::string, Taken> updates{};
    friend auto operator<=>(const Run&, const Run&) = default;
  };
  struct State {
    std::vector<Run> runs{};
    std::map<std::string, std::size_t> starts{};  // key → run
    friend auto operator<=>(const State&, const State&) = default;
  };
  using Operation = RegisterOperation;
  using Answer = RegisterAnswer;

  static std::optional<State> after(State state, const Operation& operation, const Answer* answer);
};

std::string to_text(const RegisterModel::State& state);

}  // namespace reprise::linear
