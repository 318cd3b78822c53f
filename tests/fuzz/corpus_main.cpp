// TARGET FOLDER: hands each file of the corpus to the target, and each of its beginnings in 64 steps.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/fuzz_target.hpp"

namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::size_t kSteps = 64;
  if (argc != 2) {
    fmt::print(stderr, "usage: {} FOLDER\n", argv[0]);
    return 2;
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    const std::string input = content_of(entry.path());
    for (std::size_t step = 0; step <= kSteps; ++step)
      reprise::fuzz(std::string_view(input).substr(0, input.size() * step / kSteps));
    ++files;
  }
  fmt::print("{} files\n", files);
  return files == 0 ? 1 : 0;
}
