#include "base/result.hpp"

namespace reprise {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument: return "invalid_argument";
    case Errc::too_large: return "too_large";
    case Errc::not_found: return "not_found";
    case Errc::already_exists: return "already_exists";
    case Errc::conflict: return "conflict";
    case Errc::key_reused: return "key_reused";
    case Errc::not_deterministic: return "not_deterministic";
    case Errc::limit_exceeded: return "limit_exceeded";
    case Errc::overloaded: return "overloaded";
    case Errc::timed_out: return "timed_out";
    case Errc::cancelled: return "cancelled";
    case Errc::stale_attempt: return "stale_attempt";
    case Errc::unavailable: return "unavailable";
    case Errc::unknown_outcome: return "unknown_outcome";
    case Errc::corrupt: return "corrupt";
    case Errc::unsupported: return "unsupported";
    case Errc::io: return "io";
    case Errc::internal: return "internal";
  }
  return "internal";
}

std::string to_string(const Error& error) {
  std::string text(to_string(error.code));
  text += ": ";
  text += error.detail;
  if (!error.field.empty()) text += " (field " + error.field + ")";
  return text;
}

}  // namespace reprise
