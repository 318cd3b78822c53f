#include "activities/net/http_failure.hpp"

namespace reprise {

using Kind = HttpFailure::Kind;

namespace {

Errc code_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::forbidden:
    case Kind::invalid: return Errc::invalid_argument;
    case Kind::resolve:
    case Kind::connect:
    case Kind::tls:
    case Kind::cut: return Errc::unavailable;
    case Kind::timed_out: return Errc::timed_out;
    case Kind::too_large: return Errc::too_large;
    case Kind::bad_reply: return Errc::io;
    case Kind::cancelled: return Errc::cancelled;
    case Kind::internal: return Errc::internal;
  }
  return Errc::internal;
}

}  // namespace

std::string_view to_string(HttpFailure::Kind kind) noexcept {
  switch (kind) {
    case Kind::invalid: return "invalid";
    case Kind::forbidden: return "forbidden";
    case Kind::resolve: return "resolve";
    case Kind::connect: return "connect";
    case Kind::tls: return "tls";
    case Kind::timed_out: return "timed_out";
    case Kind::cut: return "cut";
    case Kind::too_large: return "too_large";
    case Kind::bad_reply: return "bad_reply";
    case Kind::cancelled: return "cancelled";
    case Kind::internal: return "internal";
  }
  return "internal";
}

Error to_error(const HttpFailure& failure) {
  return {.code = code_of(failure.kind), .detail = failure.detail, .field = {}};
}

}  // namespace reprise
