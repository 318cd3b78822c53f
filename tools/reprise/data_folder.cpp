#include "tools/reprise/data_folder.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace reprise::cli {
namespace {

Result<std::filesystem::path> default_root() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
    return std::filesystem::path(state) / "reprise";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::filesystem::path(home) / ".local" / "state" / "reprise";
  return fail(Errc::io, "neither XDG_STATE_HOME nor HOME is set: name a folder", "--data");
}

}  // namespace

Result<DataDir> open_data_folder(const std::string& given) {
  std::filesystem::path root = given;
  if (given.empty()) {
    Result<std::filesystem::path> found = default_root();
    if (!found) return std::unexpected(std::move(found.error()));
    root = std::move(*found);
  }
  std::error_code error;
  const bool made = std::filesystem::create_directories(root, error);
  if (!error && made) ::chmod(root.c_str(), S_IRWXU);
  if (error) return fail(Errc::io, root.string() + ": " + error.message(), "--data");
  return DataDir(std::move(root));
}

}  // namespace reprise::cli
