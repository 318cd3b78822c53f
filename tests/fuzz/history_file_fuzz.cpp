// A recorded history as a file of JSON lines.
#include <exception>

#include "base/check.hpp"
#include "engine/core/codec.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/histories/history_file.hpp"

namespace reprise {

void fuzz(std::string_view input) {
  try {
    const corpus::HistoryFile history = corpus::parse_history(std::string(input));
    for (const std::string& record : history.records)
      if (!decode_record(history.run, record, {})) return;
    const std::string text = to_text(history);
    CHECK(to_text(corpus::parse_history(text)) == text, "{} bytes", input.size());
  } catch (const std::exception&) {
    return;  // says where
  }
}

}  // namespace reprise
