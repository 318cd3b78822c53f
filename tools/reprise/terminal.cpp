#include "tools/reprise/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace reprise::cli {
namespace {

constexpr std::size_t kFileColumns = 1000;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = variable(name);
    if (!value.empty())
      return value.find("UTF-8") != std::string_view::npos ||
             value.find("utf8") != std::string_view::npos;
  }
  return false;
}

std::size_t columns_behind(int descriptor) {
  const std::string_view given = variable("COLUMNS");
  std::size_t columns = 0;
  std::from_chars(given.data(), given.data() + given.size(), columns);
  if (columns >= 20) return columns;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
  return is_terminal(descriptor) ? 80 : kFileColumns;
}

}  // namespace

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

TextStyle style_of(int descriptor) {
  return {.colour =
              is_terminal(descriptor) && variable("NO_COLOR").empty() && variable("TERM") != "dumb",
          .unicode = locale_is_utf8(),
          .columns = columns_behind(descriptor)};
}

}  // namespace reprise::cli
