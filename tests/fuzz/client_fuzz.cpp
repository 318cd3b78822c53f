// The server's JSON, as the client's verbs read it.
#include "base/check.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tools/reprise/history_event.hpp"
#include "tools/reprise/problem_text.hpp"
#include "tools/reprise/task_picture.hpp"

namespace reprise {

void fuzz(std::string_view input) {
  const cli::TextStyle style;
  if (const auto event = cli::read_event(input)) {
    const std::string line = cli::event_line(*event, UtcTime(), style);
    CHECK(line.find('\n') == line.size() - 1, "{}", line);
  }
  (void)cli::read_history(input);
  (void)cli::problem_text(400, input, style);
  if (const auto task = cli::read_task(input)) (void)cli::progress_bar(task->progress, style);
}

}  // namespace reprise
