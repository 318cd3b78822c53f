// Payload: bytes that a user put in and gets back unchanged.
//
// Guarantees: the engine never parses, reorders or reformats them; equal values have equal bytes
//             as long as their type's encode() is canonical: keys sorted, a field at its default
//             left out (so that adding a field parks no run).
// A type T travels as a payload when these two are found beside it:
//     Payload encode(const T& value);
//     Result<> decode(const Payload& payload, T& value);   // the error names the field
#pragma once

#include <concepts>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace reprise {

struct Payload {
  std::string bytes;

  friend bool operator==(const Payload&, const Payload&) = default;
};

inline Payload encode(const Payload& value) { return value; }

inline Result<> decode(const Payload& payload, Payload& value) {
  value = payload;
  return {};
}

template <typename T>
concept PayloadValue =
    std::default_initializable<T> && requires(const T& in, T& out, const Payload& p) {
      { encode(in) } -> std::same_as<Payload>;
      { decode(p, out) } -> std::same_as<Result<>>;
    };

}  // namespace reprise
