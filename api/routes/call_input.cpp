#include "api/routes/call_input.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "activities/callback/callback_activity.hpp"
#include "activities/contracts/task_request.hpp"
#include "activities/contracts/utf8.hpp"
#include "workflows/task/task_workflow.hpp"

namespace reprise::api {
namespace {

constexpr std::size_t kKeyBytesMax = 255;
constexpr std::size_t kShownBytesMax = 80;

constexpr std::size_t kTypeShownBytesMax = 200;

std::string known_types(const Catalog& catalog) {
  std::string names;
  for (const auto& [name, type] : catalog.types()) (names += names.empty() ? "" : ", ") += name;
  return names;
}

}  // namespace

Result<DescribeRequest> run_meant(std::string_view workflow, std::string_view run) {
  DescribeRequest meant;
  const auto id = WorkflowId::parse(workflow);
  if (!id)
    return fail(Errc::not_found,
                fmt::format("there is no workflow {}", utf8_cut(workflow, kShownBytesMax)), "id");
  meant.workflow = *id;
  if (run.empty()) return meant;
  meant.run = parse_run_id(run);
  if (!meant.run)
    return fail(Errc::not_found, fmt::format("there is no run {}", utf8_cut(run, kShownBytesMax)),
                "run");
  return meant;
}

Boxed<IdempotencyKey> idempotency_key_of(const HttpRequest& request,
                                         std::string_view canonical_body, InputErrors& errors) {
  const auto key = request.header("Idempotency-Key");
  if (!key) return {};
  const bool is_printable = std::ranges::all_of(*key, [](char c) { return c >= 0x20 && c < 0x7f; });
  if (key->empty() || key->size() > kKeyBytesMax || !is_printable) {
    errors.add("Idempotency-Key", "must be 1 to 255 printable ASCII characters");
    return {};
  }
  const std::string whole =
      fmt::format("{} {}\n{}", to_string(request.method()), request.path(), canonical_body);
  return IdempotencyKey{.tenant = {}, .key = std::string(*key), .request = digest_of(whole)};
}

void check_provider(const ApiContext& api, std::string_view provider, std::string_view field,
                    InputErrors& errors) {
  const std::vector<std::string>& known = api.options->providers;
  if (provider.empty() || known.empty() || std::ranges::find(known, provider) != known.end())
    return;
  errors.add(std::string(field),
             fmt::format("is \"{}\", which this server does not have: use one of {}",
                         utf8_cut(provider, kShownBytesMax), fmt::join(known, ", ")));
}

void check_callback(const ApiContext& api, std::string_view url, InputErrors& errors) {
  if (url.empty()) return;
  if (const Result<> ok = check_callback_url(url, api.options->callbacks); !ok)
    errors.add("callback_url", ok.error().detail);
}

void check_start(const ApiContext& api, WorkflowInput start, std::string_view path,
                 InputErrors& errors) {
  const Catalog& catalog = *api.catalog;
  const WorkflowType* type = catalog.find(start.type);
  if (type == nullptr) {
    errors.add(fmt::format("{}type", path),
               fmt::format("is \"{}\", which this server does not know: use one of {}",
                           utf8_cut(start.type, kTypeShownBytesMax), known_types(catalog)));
    return;
  }
  const std::string input = fmt::format("{}input", path);
  const Result<> fits = type->definition.check(start.input);
  TaskRequest task;
  if (fits && start.type == kTaskType && decode(start.input, task))
    check_provider(api, task.options.provider, input + ".options.provider", errors);
  if (fits) return;
  if (start.input.bytes.empty())
    return errors.add(input, fmt::format("is missing: give what a {} starts with", start.type));
  const Error& error = fits.error();
  errors.add(error.field.empty() ? input : input + "." + error.field, error.detail);
}

void mark_replayed(HttpResponse& response, bool repeated) {
  if (repeated) response.headers.push_back({.name = "Idempotency-Replayed", .value = "true"});
}

}  // namespace reprise::api
