#include "activities/providers/failure_class.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "activities/providers/json_fields.hpp"

namespace reprise {
namespace {

// The body of an error, of either family: {"error": {"type", "code", "message"}}.
struct ProviderError {
  std::string type;
  std::string code;
  std::string message;
};

ProviderError read_error(const std::string& body) {
  const Json document = parse_json_fields(body);
  if (!document.is_object()) return {};
  const auto found = document.find("error");
  if (found == document.end()) return {};
  if (found->is_string()) return {.type = "", .code = "", .message = found->get<std::string>()};
  if (!found->is_object()) return {};
  return {.type = text_at(*found, "type"),
          .code = text_at(*found, "code"),
          .message = text_at(*found, "message")};
}

struct Class {
  std::string_view type;
  bool retryable;
};

Class class_of(int status) {
  switch (status) {
    case 401:
    case 403: return {"auth", false};
    case 402: return {"quota", false};
    case 404: return {"not_found", false};
    case 408:
    case 504: return {"timeout", true};
    case 409: return {"bad_request", true};
    case 413: return {"too_large", false};
    case 429: return {"rate_limited", true};
    case 503:
    case 529: return {"overloaded", true};
    default: break;
  }
  if (status >= 500) return {"server_error", true};
  if (status >= 400) return {"bad_request", false};
  return {"bad_reply", false};
}

bool is_context_overflow(const ProviderError& error) {
  return error.code == "context_length_exceeded" || error.message.starts_with("prompt is too long");
}

bool is_quota(const ProviderError& error) {
  return error.code == "insufficient_quota" || error.type == "insufficient_quota" ||
         error.type == "billing_error";
}

Class class_of(const HttpResponse& response, const ProviderError& error) {
  Class result = class_of(response.status);
  if (response.status == 429 && is_quota(error)) result = {"quota", false};
  if (response.status / 100 == 4 && is_context_overflow(error)) result = {"too_large", false};
  const std::string* const asked = response.header("x-should-retry");
  if (asked != nullptr && *asked == "false") result.retryable = false;
  if (asked != nullptr && *asked == "true" && result.type != "auth" && result.type != "quota")
    result.retryable = true;
  return result;
}

std::string message_of(const HttpResponse& response, const ProviderError& error) {
  std::string text = "HTTP " + std::to_string(response.status);
  if (!error.type.empty()) text += " " + error.type;
  if (response.status == 401) return text + ": the API key is not accepted";
  if (!error.message.empty()) text += ": " + error.message;
  return text;
}

// A number of seconds or milliseconds, as microseconds; SDKs take fractions, so do we.
std::optional<Duration> read_amount(std::string_view text, double unit_us) {
  double amount = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, amount, std::chars_format::fixed);
  if (error != std::errc{} || stop != end || !std::isfinite(amount) || amount < 0)
    return std::nullopt;
  const double limit_us = static_cast<double>(kRetryDelayMax.count());
  return Duration(static_cast<Duration::rep>(std::min(amount * unit_us, limit_us)));
}

// Two or four digits at `at`.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int number = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

ActivityFailure failure_of(const HttpFailure& failure) {
  const auto as = [&](std::string type, bool retryable) {
    return ActivityFailure{
        .type = std::move(type), .message = failure.detail, .retryable = retryable};
  };
  switch (failure.kind) {
    case HttpFailure::Kind::resolve:
    case HttpFailure::Kind::connect:
    case HttpFailure::Kind::tls:
    case HttpFailure::Kind::cut: return as("network", true);
    case HttpFailure::Kind::timed_out: return as("timeout", true);
    case HttpFailure::Kind::too_large:
    case HttpFailure::Kind::bad_reply: return as("bad_reply", true);
    case HttpFailure::Kind::cancelled: return as("cancelled", true);
    case HttpFailure::Kind::forbidden:
    case HttpFailure::Kind::invalid:
    case HttpFailure::Kind::internal: break;
  }
  return as("bad_request", false);
}

ActivityFailure failure_of(const HttpResponse& response, UtcTime now) {
  const ProviderError error = read_error(response.body);
  const Class found = class_of(response, error);
  return {.type = std::string(found.type),
          .message = message_of(response, error),
          .retryable = found.retryable,
          .retry_after = retry_delay_of(response.headers, now).value_or(Duration::zero())};
}

ActivityFailure bad_reply(std::string_view what) {
  return {.type = "bad_reply", .message = std::string(what), .retryable = true};
}

ActivityFailure cut_off() {
  return {.type = "cut_off", .message = "the answer reached its output limit", .retryable = true};
}

ActivityFailure refused() {
  return {.type = "refused", .message = "the model declined to answer", .retryable = false};
}

ActivityFailure bad_schema() {
  return {.type = "bad_request", .message = "the schema is no JSON object", .retryable = false};
}

std::optional<Duration> retry_delay_of(const HttpHeaders& headers, UtcTime now) {
  if (const std::string* text = find_header(headers, "retry-after-ms"))
    if (const auto delay = read_amount(*text, 1e3)) return delay;
  const std::string* const text = find_header(headers, "retry-after");
  if (text == nullptr) return std::nullopt;
  if (const auto delay = read_amount(*text, 1e6)) return delay;
  const auto date = parse_http_date(*text);
  if (!date) return std::nullopt;
  return std::clamp(*date - now, Duration::zero(), kRetryDelayMax);
}

std::optional<UtcTime> parse_http_date(std::string_view text) {
  using namespace std::chrono;
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kForm.size()) return std::nullopt;
  for (const std::size_t at : {3U, 4U, 7U, 11U, 16U, 19U, 22U, 25U, 26U, 27U, 28U})
    if (text[at] != kForm[at]) return std::nullopt;
  const auto month_at = std::ranges::find(kMonths, text.substr(8, 3));
  const auto d = digits(text, 5, 2);
  const auto y = digits(text, 12, 4);
  const auto h = digits(text, 17, 2);
  const auto mi = digits(text, 20, 2);
  const auto s = digits(text, 23, 2);
  if (month_at == kMonths.end() || !d || !y || !h || !mi || !s) return std::nullopt;
  const auto m = static_cast<unsigned>(month_at - kMonths.begin()) + 1;
  const year_month_day date{year(*y), month(m), day(static_cast<unsigned>(*d))};
  if (!date.ok() || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
  const auto point = sys_days(date) + hours(*h) + minutes(*mi) + seconds(*s);
  return UtcTime::from_micros(duration_cast<microseconds>(point.time_since_epoch()).count());
}

}  // namespace reprise
