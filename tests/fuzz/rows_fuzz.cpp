// The values of the rows beside the histories. The first byte says of which table.
#include "base/check.hpp"
#include "engine/core/rows.hpp"
#include "engine/core/view.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace reprise {
namespace {

template <typename Row>
void read(std::string_view bytes, Result<Row> (*decode)(std::string_view),
          std::string (*encode)(const Row&)) {
  const Result<Row> row = decode(bytes);
  if (!row) return;
  const Result<Row> again = decode(encode(*row));
  CHECK(again.has_value(), "{}", to_string(again.error()));
  CHECK(*again == *row, "a row of {} bytes changed", bytes.size());
}

}  // namespace

void fuzz(std::string_view input) {
  if (input.empty()) return;
  const std::string_view bytes = input.substr(1);
  switch (input.front()) {
    case 'w': return read(bytes, &decode_workflow_row, &encode_workflow_row);
    case 'k': return read(bytes, &decode_key_row, &encode_key_row);
    case 'v': return read(bytes, &decode_view, &encode_view);
    case 'p': (void)decode_parked_row(bytes); return;
    default: return;
  }
}

}  // namespace reprise
