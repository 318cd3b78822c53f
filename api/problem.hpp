// Problem documents: how the API says no (RFC 9457), and which status each Errc has.
//
//     {"type":"/api/v1/problems/invalid_argument","title":"The input is wrong","status":400,
//      "detail":"…","instance":"/api/v1/tasks","code":"invalid_argument",
//      "errors":{"title":"is missing: …"}}
//
// Guarantees: `errors` names every field at fault that was found, by its path. A defect of ours shows
//             no inner words: these are in the server's log.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.hpp"
#include "base/result.hpp"

namespace reprise::api {

struct ProblemKind {
  Errc code;
  int status;
  std::string_view title;
  std::string_view advice;  // what the caller should do
  unsigned retry_after_s;   // 0: no Retry-After
};

// One row for each Errc.
std::span<const ProblemKind> problem_kinds();

struct FieldProblem {
  std::string field;  // "options.review_policy"; "body" and "query.limit" for what is no JSON field
  std::string reason;
};

// `instance`: the path of the request.
HttpResponse problem(const Error& error, std::string_view instance);
// The input is wrong in these fields; there is at least one.
HttpResponse problem_of_input(const std::vector<FieldProblem>& fields, std::string_view instance);
// A refusal of HTTP itself: 405, 408, 431 …
HttpResponse problem_of_status(int status, std::string_view detail, std::string_view instance);

}  // namespace reprise::api
