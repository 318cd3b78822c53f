#include <type_traits>
#include <variant>

#include "base/check.hpp"
#include "tools/reprise/problem_text.hpp"
#include "tools/reprise/verbs.hpp"

namespace reprise::cli {

ExitCode run_verb(const CommandLine& line, const Screen& screen) {
  Result<Url> server = parse_url(line.url);
  if (!server) {
    Error error = server.error();
    error.field = "--url";
    error.detail += "; it looks like http://127.0.0.1:8000";
    screen.err << error_text(error, screen.style);
    return ExitCode::usage;
  }
  const Client client(*server, screen);
  return std::visit(
      [&client](const auto& verb) -> ExitCode {
        if constexpr (std::is_same_v<std::decay_t<decltype(verb)>, Serve>)
          CHECK(false, "serve is not a verb of the client");
        else
          return run(client, verb);
        return ExitCode::usage;
      },
      line.verb);
}

}  // namespace reprise::cli
