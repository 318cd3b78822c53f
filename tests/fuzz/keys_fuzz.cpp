// The keys of the tables that are read back.
#include "base/check.hpp"
#include "storage/schema.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace reprise {

void fuzz(std::string_view input) {
  if (const auto key = parse_wake_key(input))
    CHECK(wake_key(key->shard, key->at, key->run) == input, "{} bytes", input.size());
  (void)parse_busy_key(input);
  const RunId run =
      input.size() >= RunId::kBytes ? RunId::from_bytes(input.substr(0, RunId::kBytes)) : RunId();
  if (const auto first = parse_record_key(input, run))
    CHECK(record_key(run, *first) == input, "{} bytes", input.size());
  const std::string end = prefix_end(input);
  CHECK(end.empty() || end > input, "{} bytes", input.size());
}

}  // namespace reprise
