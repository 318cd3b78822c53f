// The body of SendCallback: one POST of how a run ended.
//
// Guarantees: a receiver on a private, loopback, link-local or otherwise not public address is not
//             called, however its name is written or resolved; the address that was checked is the
//             one that is called; redirects are not followed. Each attempt carries the same
//             Idempotency-Key, the run's id.
// Errors:     forbidden_address, bad_url, http_3xx and http_4xx are final (408, 425 and 429 are not);
//             what the network or the receiver may get over (5xx, no answer) is tried again.
// Source:     OWASP, Server-Side Request Forgery Prevention.
#pragma once

#include <functional>

#include "activities/contracts/callback.hpp"
#include "engine/runtime/activity.hpp"

namespace reprise {

// The JSON document that is sent; an error is tried again.
using CallbackBody =
    std::function<boost::asio::awaitable<Result<std::string>>(const CallbackInput& input)>;

struct CallbackRules {
  bool private_addresses = false;  // for receivers on this machine, or in its own network
};

void register_callback_activity(ActivityRegistry& registry, CallbackRules rules, CallbackBody body);

// Can anything be sent to this URL? invalid_argument, with the fix. A host name is looked up later.
Result<> check_callback_url(std::string_view url, CallbackRules rules);

}  // namespace reprise
