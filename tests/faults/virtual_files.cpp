#include "tests/faults/virtual_files.hpp"

#include <filesystem>

#include "base/check.hpp"

namespace reprise::testing {
namespace {

void put(rocksdb::Env& env, const std::filesystem::path& path, const std::string& content) {
  const rocksdb::Status written = rocksdb::WriteStringToFile(&env, content, path.string());
  CHECK(written.ok(), "{}: {}", path.string(), written.ToString());
}

}  // namespace

VirtualFiles::VirtualFiles(const StoreImage& image) {
  std::filesystem::create_directory(data_.log());  // else each open would make it, durably
  install(image);
}

void VirtualFiles::install(const StoreImage& image) {
  for (const auto& entry : std::filesystem::directory_iterator(data_.root()))
    if (entry.is_regular_file()) std::filesystem::remove(entry.path());
  write_image(image.beside, data_.root());
  env_.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  for (const auto& [name, content] : image.log) put(*env_, data_.log() / name, content);
}

std::shared_ptr<rocksdb::FileSystem> VirtualFiles::log_files() const {
  return env_->GetFileSystem();
}

}  // namespace reprise::testing
