// Failure classes: what an HTTP failure or an error answer of a model provider means for retries.
//
//     status    type          retried     status          type          retried
//     400, 422  bad_request   no          429             rate_limited  yes
//     401, 403  auth          no          429, no quota   quota         no
//     402       quota         no          500, 502, other server_error  yes
//     404       not_found     no          503, 529        overloaded    yes
//     408, 504  timeout       yes         409             bad_request   yes (a lock was held)
//     413       too_large     no          1xx, 3xx        bad_reply     no (a wrong base URL)
// A request over the model's context window is too_large, whatever its status. The header
// x-should-retry wins over the column, except that auth and quota stay final: waiting mends neither.
//
// Guarantees: a message quotes the server's own words, except at 401, where servers repeat parts of
//             the key.
// Units:      a delay that a server asks for counts up to an hour.
// Source:     the official SDKs' rules; RFC 9110, sections 5.6.7 and 10.2.3.
#pragma once

#include <optional>
#include <string_view>

#include "activities/net/http_failure.hpp"
#include "activities/net/http_message.hpp"
#include "base/time.hpp"
#include "engine/author/contract.hpp"

namespace reprise {

inline constexpr Duration kRetryDelayMax = std::chrono::hours(1);

// No answer came.
ActivityFailure failure_of(const HttpFailure& failure);

// An answer came, and its status is not 2xx. `now`: for a date in retry-after.
ActivityFailure failure_of(const HttpResponse& response, UtcTime now);

// An answer came with 2xx, and is none: not what the protocol says; stopped at the output limit (the
// next try may say it in fewer words); declined by the model or a filter.
ActivityFailure bad_reply(std::string_view what);
ActivityFailure cut_off();
ActivityFailure refused();

// The request's own schema is no JSON object: nothing was sent.
ActivityFailure bad_schema();

// The delay that the server asks for: retry-after-ms, else retry-after in seconds or as a date (the
// IMF form; the two obsolete ones are not read). Nothing when there is none, or it makes no sense;
// zero when the date has passed.
std::optional<Duration> retry_delay_of(const HttpHeaders& headers, UtcTime now);

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<UtcTime> parse_http_date(std::string_view text);

}  // namespace reprise
