// Result, Error, Errc: how anything that can fail says so.
//
// Guarantees: an Errc is one of a closed list; its comment says what the caller should do.
//             The detail names the value and the fix; `field` names the offending input, if any.
// Errors:     values, never exceptions, below the edges named in docs/architecture.md.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace reprise {

enum class Errc : unsigned char {
  invalid_argument = 1,  // The input is wrong: mend the named field; trying again is useless.
  too_large,             // The input is over a limit that the detail names: send less.
  not_found,             // Nothing has this id: check it.
  already_exists,        // The id is taken, and the policy says to keep what is there.
  conflict,    // The state forbids it (a closed run, an unfinished result): read, then decide.
  key_reused,  // The Idempotency-Key came before with another body: use a new key.
  not_deterministic,  // Replay differs from the log: the run is parked; deploy a fixed build.
  limit_exceeded,     // A named limit of the run or the system is reached.
  overloaded,         // A queue is full: wait (Retry-After), then send the same again.
  timed_out,          // The deadline passed; the effect is unknown unless the detail says more.
  cancelled,          // The caller or an operator gave up.
  unavailable,        // Not ready, stopping, or a dependency is down: try again later.
  unknown_outcome,    // The log did not answer: the write may or may not stand. Recovery decides.
  corrupt,            // Stored bytes fail their check: stop; `reprise-replay verify` says where.
  unsupported,        // A kind or version newer than this build: use a newer build.
  io,                 // The operating system refused: the detail has its words.
  internal,           // A defect of ours: report it.
};

// The name in logs, problem documents and JSON: "invalid_argument".
std::string_view to_string(Errc code) noexcept;

struct Error {
  Errc code = Errc::internal;
  std::string detail;
  std::string
      field;  // "description", "options.review_policy"; empty when no single input is at fault.
  unsigned retry_after_s = 0;  // When to send it again; 0: as for every error with this code.

  friend bool operator==(const Error&, const Error&) = default;
};

// "invalid_argument: description is empty (field description)".
std::string to_string(const Error& error);

template <typename T = void>
using Result = std::expected<T, Error>;

// return fail(Errc::not_found, "no run " + id);
[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string detail,
                                                 std::string field = {}) {
  return std::unexpected(
      Error{.code = code, .detail = std::move(detail), .field = std::move(field)});
}

}  // namespace reprise
