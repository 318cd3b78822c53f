// An HTTP request, whole and in pieces: both must be read alike.
#include <algorithm>

#include "api/http/request_parser.hpp"
#include "base/check.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace reprise {
namespace {

using api::RequestParser;

struct Read {
  RequestParser::State state;
  std::string target;
  std::string body;
  friend bool operator==(const Read&, const Read&) = default;
};

// Small limits, so that small inputs reach them.
Read read(std::string_view input, std::size_t piece) {
  RequestParser parser({.head_bytes_max = 2000,
                        .headers_max = 10,
                        .target_bytes_max = 200,
                        .body_bytes_max = 1000,
                        .chunk_head_bytes_max = 100});
  api::HttpRequest request;
  parser.start(request);
  std::size_t taken = 0;
  std::size_t given = 0;
  while (given < input.size() && parser.state() < RequestParser::State::done) {
    given = std::min(input.size(), given + piece);
    for (std::size_t took = 1; took > 0 && parser.state() < RequestParser::State::done;) {
      took = parser.feed(input.substr(taken, given - taken));
      taken += took;
      CHECK(taken <= given, "took {} of {}", taken, given);
    }
  }
  return {parser.state(), std::string(request.target()), request.body()};
}

}  // namespace

void fuzz(std::string_view input) {
  const Read whole = read(input, std::max<std::size_t>(1, input.size()));
  for (const std::size_t piece : {1U, 2U, 3U, 7U}) {
    const Read split = read(input, piece);
    CHECK(whole.state == split.state, "{} whole, {} in pieces of {}", static_cast<int>(whole.state),
          static_cast<int>(split.state), piece);
    if (whole.state == RequestParser::State::done)
      CHECK(whole == split, "{} and {}", whole.target, split.target);
  }
}

}  // namespace reprise
