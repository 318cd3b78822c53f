// http_call and http_stream: one HTTP/1.1 request over a connection of its own, plain or TLS.
//
// Guarantees: each call ends by its deadline, name resolution included; a response is returned only
//             when it came whole; nothing is retried and no redirect is followed. TLS checks the
//             chain and the host's name. A failure's detail never holds a header or a body.
// Thread:     any; a call works on a strand of its own, on the executor of the coroutine that
//             awaits it. Cancelling that coroutine (terminal or total: the call enables both) ends
//             the call with `cancelled`.
// Units:      bytes of body as they travel; response headers take at most 64 KiB.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "activities/net/http_failure.hpp"
#include "activities/net/http_message.hpp"
#include "activities/net/tls_trust.hpp"
#include "activities/net/url.hpp"
#include "base/time.hpp"

namespace reprise {

// Where a call may go. A name is resolved once, and every address that it has must be allowed.
enum class Reach : std::uint8_t { anywhere, public_only };

struct HttpCall {
  std::string method = "GET";
  Url url;
  HttpHeaders headers;  // Host, Content-Length, Connection and User-Agent are set by the call
  std::string body;
  SteadyTime deadline = SteadyTime::max();                 // of the whole call
  Duration connect_timeout = std::chrono::seconds(10);     // resolve, connect and TLS together
  std::size_t response_bytes_max = std::size_t{8} << 20U;  // of a body that is kept
  TlsTrustPtr trust;                                       // null: the system's certificates
  Reach reach = Reach::anywhere;
};

using HttpOutcome = std::expected<HttpResponse, HttpFailure>;

boost::asio::awaitable<HttpOutcome> http_call(HttpCall call);

// Takes the next piece of a body, as it arrives; false: enough, close the connection. Runs on the
// call's strand and must not block. Pieces end anywhere.
using HttpChunkSink = std::move_only_function<bool(std::string_view)>;

// As http_call, but the body of a 2xx response goes to `on_chunk` piece by piece, without a limit on
// its size, and the response that is returned has none: it says that the body came whole, or that
// `on_chunk` had enough. Any other response comes as from http_call.
// `idle_timeout` limits the wait for the head and between two pieces.
boost::asio::awaitable<HttpOutcome> http_stream(HttpCall call, Duration idle_timeout,
                                                HttpChunkSink on_chunk);

}  // namespace reprise
