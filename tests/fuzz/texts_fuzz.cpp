// Ids, times, durations, URLs and addresses, as users and servers write them.
#include "activities/net/url.hpp"
#include "activities/providers/failure_class.hpp"
#include "base/check.hpp"
#include "base/ids.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tools/reprise/listen_address.hpp"

namespace reprise {

void fuzz(std::string_view input) {
  if (const auto run = parse_run_id(input)) CHECK(to_string(*run) == input, "{}", input);
  if (const auto workflow = WorkflowId::parse(input))
    CHECK(workflow->text() == input && input.size() <= WorkflowId::kBytesMax, "{}", input);
  if (const auto time = parse_rfc3339(input)) {
    const auto again = parse_rfc3339(to_rfc3339(*time));
    CHECK(again.has_value() && to_rfc3339(*again) == to_rfc3339(*time), "{}", input);
  }
  if (const auto duration = parse_duration(input))
    CHECK(*duration >= Duration(0), "{} is {} us", input, duration->count());
  if (const auto url = parse_url(input)) CHECK(parse_url(to_string(*url)) == url, "{}", input);
  (void)parse_http_date(input);
  (void)retry_delay_of({{.name = "retry-after", .value = std::string(input)}}, UtcTime());
  (void)cli::parse_listen_address(input);
}

}  // namespace reprise
