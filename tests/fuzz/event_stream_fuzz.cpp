// Server-sent events, whole and in pieces: both must give the same messages.
#include <algorithm>
#include <vector>

#include "base/check.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tools/reprise/event_stream.hpp"
#include "tools/reprise/history_event.hpp"

namespace reprise {
namespace {

std::vector<cli::StreamMessage> read(std::string_view input, std::size_t piece) {
  cli::EventStreamParser parser;
  std::vector<cli::StreamMessage> all;
  for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
    auto messages = parser.feed(input.substr(0, piece));
    CHECK(messages.has_value(), "{}", to_string(messages.error()));
    all.insert(all.end(), messages->begin(), messages->end());
  }
  return all;
}

}  // namespace

void fuzz(std::string_view input) {
  const auto whole = read(input, input.size());
  CHECK(whole == read(input, 3), "{} messages", whole.size());
  for (const cli::StreamMessage& message : whole) (void)cli::read_event(message.data);
}

}  // namespace reprise
