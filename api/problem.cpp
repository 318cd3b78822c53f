#include "api/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/json_output.hpp"
#include "base/check.hpp"
#include "base/log.hpp"

namespace reprise::api {
namespace {

// limit_exceeded is 409, not 429: the limit is one of the run or the system that waiting does not
// lift, and 429 would make a well-behaved client try again for ever. overloaded is 503, not 429:
// it is the server that is full, not this caller that asked too often.
constexpr std::array kKinds = {
    ProblemKind{Errc::invalid_argument, 400, "The input is wrong",
                "Mend the named fields; sending the same again is useless.", 0},
    ProblemKind{Errc::too_large, 413, "Too large", "Send less: the detail names the limit.", 0},
    ProblemKind{Errc::not_found, 404, "Not found", "Check the id or the path.", 0},
    ProblemKind{Errc::already_exists, 409, "It exists already", "Use what is there, or another id.",
                0},
    ProblemKind{Errc::conflict, 409, "The present state forbids it", "Read the state, then decide.",
                0},
    ProblemKind{Errc::key_reused, 422, "The Idempotency-Key was used for another request",
                "Use a new key for a new request.", 0},
    ProblemKind{Errc::not_deterministic, 409, "The run is parked",
                "Its code differs from its history: deploy a build that does not.", 0},
    ProblemKind{Errc::limit_exceeded, 409, "A limit is reached",
                "Waiting does not help: the detail names the limit.", 0},
    ProblemKind{Errc::overloaded, 503, "The server is full",
                "Wait as long as Retry-After says, then send the same again.", 1},
    ProblemKind{Errc::timed_out, 504, "It took too long",
                "Whether it happened is unknown: read the state.", 0},
    ProblemKind{Errc::cancelled, 409, "It was cancelled", "Nothing, if that was meant.", 0},
    ProblemKind{Errc::unavailable, 503, "The server is not ready",
                "Wait as long as Retry-After says, then send the same again.", 2},
    ProblemKind{Errc::unknown_outcome, 503, "Whether it was written is unknown",
                "Send the same again with the same Idempotency-Key, or read the state first.", 0},
    ProblemKind{Errc::corrupt, 500, "Stored data is damaged",
                "Tell the operator: reprise-replay verify says where.", 0},
    ProblemKind{Errc::unsupported, 501, "This build does not know it", "Use a newer build.", 0},
    ProblemKind{Errc::io, 500, "The server's system failed", "Tell the operator.", 0},
    ProblemKind{Errc::internal, 500, "A defect of the server", "Report it.", 0},
};

const ProblemKind& kind_of(Errc code) {
  const auto found = std::ranges::find(kKinds, code, &ProblemKind::code);
  CHECK(found != kKinds.end(), "Errc {} has no row", static_cast<int>(code));
  return *found;
}

// What holds for the kinds that are not the caller's to mend: the words stay in the log.
bool is_ours(Errc code) {
  return code == Errc::internal || code == Errc::io || code == Errc::corrupt;
}

void append_fields(std::string& out, const std::vector<FieldProblem>& fields) {
  ObjectWriter json(out);
  for (const FieldProblem& field : fields) json.text(field.field, field.reason);
  json.close();
}

HttpResponse document(const ProblemKind& kind, std::string_view detail, std::string_view instance,
                      const std::vector<FieldProblem>& fields, unsigned retry_after_s = 0) {
  HttpResponse response{.status = kind.status, .content_type = "application/problem+json"};
  ObjectWriter json(response.body);
  json.text("type", fmt::format("/api/v1/problems/{}", to_string(kind.code)));
  json.text("title", kind.title).number("status", kind.status);
  json.text("detail", detail.empty() ? kind.advice : detail).text("instance", instance);
  json.text("code", to_string(kind.code));
  if (!fields.empty()) append_fields(json.begin("errors"), fields);
  json.close();
  if (retry_after_s == 0) retry_after_s = kind.retry_after_s;
  if (retry_after_s > 0)
    response.headers.push_back({.name = "Retry-After", .value = fmt::format("{}", retry_after_s)});
  return response;
}

}  // namespace

std::span<const ProblemKind> problem_kinds() { return kKinds; }

HttpResponse problem(const Error& error, std::string_view instance) {
  const ProblemKind& kind = kind_of(error.code);
  if (is_ours(error.code)) {
    if (!error.detail.empty())
      log_error(
          "api_problem",
          {{"code", to_string(error.code)}, {"detail", error.detail}, {"instance", instance}});
    return document(kind, {}, instance, {});
  }
  std::vector<FieldProblem> fields;
  if (!error.field.empty()) fields.push_back({.field = error.field, .reason = error.detail});
  return document(kind, error.detail, instance, fields, error.retry_after_s);
}

HttpResponse problem_of_input(const std::vector<FieldProblem>& fields, std::string_view instance) {
  CHECK(!fields.empty(), "no field is at fault");
  const std::string detail = fields.size() == 1
                                 ? fmt::format("{} {}", fields.front().field, fields.front().reason)
                                 : fmt::format("{} fields are wrong: see errors", fields.size());
  return document(kind_of(Errc::invalid_argument), detail, instance, fields);
}

HttpResponse problem_of_status(int status, std::string_view detail, std::string_view instance) {
  HttpResponse response{.status = status, .content_type = "application/problem+json"};
  ObjectWriter(response.body)
      .text("type", "about:blank")
      .text("title", reason_phrase(status))
      .number("status", status)
      .text("detail", detail)
      .text("instance", instance)
      .close();
  return response;
}

}  // namespace reprise::api
