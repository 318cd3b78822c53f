#include "api/http/message.hpp"

#include <algorithm>
#include <array>

namespace reprise::api {
namespace {

constexpr std::size_t kBytesKeptMax = 16U << 10U;

struct MethodName {
  HttpMethod method;
  std::string_view name;
};
constexpr std::array kMethods = {
    MethodName{HttpMethod::get, "GET"},        MethodName{HttpMethod::head, "HEAD"},
    MethodName{HttpMethod::post, "POST"},      MethodName{HttpMethod::put, "PUT"},
    MethodName{HttpMethod::patch, "PATCH"},    MethodName{HttpMethod::remove, "DELETE"},
    MethodName{HttpMethod::options, "OPTIONS"}};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void forget(std::string& text) {
  text.clear();
  if (text.capacity() > kBytesKeptMax) text.shrink_to_fit();
}

}  // namespace

std::string_view to_string(HttpMethod method) noexcept {
  for (const MethodName& entry : kMethods)
    if (entry.method == method) return entry.name;
  return "";
}

HttpMethod method_of(std::string_view name) noexcept {
  for (const MethodName& entry : kMethods)
    if (entry.name == name) return entry.method;
  return HttpMethod::other;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
  for (const HttpField& field : headers_)
    if (equals_ignoring_case(field.name, name)) return field.value;
  return std::nullopt;
}

void HttpRequest::clear() {
  method_ = HttpMethod::other;
  forget(head_);
  forget(decoded_);
  forget(body_);
  target_ = {};
  host_ = {};
  headers_.clear();
  segments_.clear();
  query_.clear();
}

std::string_view HttpRequest::keep_head(std::string_view head) {
  head_.assign(head);
  return head_;
}

Result<> HttpRequest::set_target(HttpMethod method, std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  method_ = method;
  const bool is_visible_ascii =
      std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f; });
  if (!is_visible_ascii || target.contains('#'))
    return fail(Errc::invalid_argument, "the target holds characters that must be percent-encoded");
  if (target.size() > kScheme.size() &&
      equals_ignoring_case(target.substr(0, kScheme.size()), kScheme)) {
    target.remove_prefix(kScheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    host_ = target.substr(0, end);
    target.remove_prefix(end);
    if (target.empty()) target = "/";
  }
  if (target.front() != '/')
    return fail(Errc::invalid_argument, "the target is no path: it must begin with a slash");
  target_ = target;
  decoded_.reserve(target.size());
  const std::size_t question = target.find('?');
  if (Result<> ok = split_path(target.substr(0, question)); !ok) return ok;
  if (question == std::string_view::npos) return {};
  return split_query(target.substr(question + 1));
}

// Text without escapes stays where it is; other text is decoded into `decoded_`, which has room.
Result<std::string_view> HttpRequest::decode(std::string_view text, bool plus_is_space) {
  const std::string_view special = plus_is_space ? "%+" : "%";
  if (text.find_first_of(special) == std::string_view::npos) return text;
  const std::size_t begin = decoded_.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded_ += ' ';
    } else if (text[i] != '%') {
      decoded_ += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return fail(Errc::invalid_argument, "the target's percent-encoding is broken");
      const int value = high * 16 + low;
      if (value == 0) return fail(Errc::invalid_argument, "the target holds a NUL");
      decoded_ += static_cast<char>(value);
      i += 2;
    }
  }
  return std::string_view(decoded_).substr(begin);
}

Result<> HttpRequest::split_path(std::string_view path) {
  path.remove_prefix(1);
  if (path.empty()) return {};
  for (;;) {
    const std::size_t slash = path.find('/');
    Result<std::string_view> segment = decode(path.substr(0, slash), false);
    if (!segment) return std::unexpected(std::move(segment.error()));
    segments_.push_back(*segment);
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
  }
}

Result<> HttpRequest::split_query(std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    Result<std::string_view> name = decode(pair.substr(0, equals), true);
    if (!name) return std::unexpected(std::move(name.error()));
    Result<std::string_view> value = decode(
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!value) return std::unexpected(std::move(value.error()));
    query_.push_back({.name = *name, .value = *value});
  }
  return {};
}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

}  // namespace reprise::api
