// The binary `reprise`: the server, and the verbs that talk to one.
#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "tools/reprise/command_line.hpp"
#include "tools/reprise/serve.hpp"
#include "tools/reprise/terminal.hpp"
#include "tools/reprise/verbs.hpp"

int main(int count, char** values) {
  using namespace reprise::cli;
  const auto line = read_command_line({values + 1, values + count});
  if (!line) return to_status(line.error());
  try {
    if (const auto* serve_options = std::get_if<Serve>(&line->verb))
      return to_status(serve(*serve_options));
    std::signal(SIGPIPE, SIG_DFL);  // `reprise tasks | head` ends as others do
    return to_status(run_verb(*line, {.out = std::cout,
                                      .err = std::cerr,
                                      .style = style_of(STDOUT_FILENO),
                                      .redraws = is_terminal(STDOUT_FILENO),
                                      .json = line->json}));
  } catch (const std::exception& error) {
    std::cerr << "reprise: " << error.what() << '\n';
    return to_status(ExitCode::refused);
  }
}
