// HttpFailure: why an HTTP call has no response.
//
// Guarantees: the detail is for people and holds no header and no body.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reprise {

struct HttpFailure {
  enum class Kind : std::uint8_t {
    invalid,    // The call itself cannot be sent: a line break in a header, …
    forbidden,  // It may not go to that address: nothing was sent.
    resolve,    // No address for this host: nothing was sent.
    connect,    // Nobody listens there, or the way is cut: nothing was sent.
    tls,        // No trusted connection: nothing was sent.
    timed_out,  // The deadline, the connect or the idle timeout passed; the request may be there.
    cut,        // Closed before the response was whole; the request may be there.
    too_large,  // The response is over its limit.
    bad_reply,  // What came is not HTTP.
    cancelled,  // By the awaiting coroutine.
    internal,   // A defect of ours, or no memory.
  };
  Kind kind = Kind::internal;
  std::string detail;  // for people: "127.0.0.1:9: Connection refused"

  friend bool operator==(const HttpFailure&, const HttpFailure&) = default;
};

std::string_view to_string(HttpFailure::Kind kind) noexcept;

// For callers that speak Errc: unavailable for all that may go away with time.
Error to_error(const HttpFailure& failure);

}  // namespace reprise
