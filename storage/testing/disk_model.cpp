#include "storage/testing/disk_model.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace reprise::testing {
namespace {

std::string read_prefix(const std::filesystem::path& path, std::uint64_t bytes) {
  std::string content(bytes, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(content.data(), static_cast<std::streamsize>(bytes));
  content.resize(static_cast<std::size_t>(file.gcount()));
  return content;
}

// Bytes that repeat in no pattern a format would accept; the same for the same count.
std::string garbage(std::uint64_t bytes) {
  std::string out;
  std::uint64_t state = 0x9e3779b97f4a7c15ULL;
  for (std::uint64_t i = 0; i < bytes; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    out += static_cast<char>(state >> 56);
  }
  return out;
}

}  // namespace

std::string to_string(Tail tail) {
  switch (tail) {
    case Tail::lost: return "lost";
    case Tail::kept: return "kept";
    case Tail::cut_512: return "cut_512";
    case Tail::cut_4096: return "cut_4096";
    case Tail::garbage: return "garbage";
  }
  return "unknown";
}

void DiskModel::created(const Path& path) {
  files_[path] = File{};
  unsynced_names_.try_emplace(path, std::nullopt);
}

void DiskModel::truncated(const Path& path, std::uint64_t bytes) {
  File& file = files_[path];
  file.bytes = bytes;
  file.bytes_synced = std::min(file.bytes_synced, bytes);
}

void DiskModel::names_synced(const Path& dir) {
  std::erase_if(unsynced_names_, [&](const auto& name) { return name.first.parent_path() == dir; });
}

void DiskModel::renamed(const Path& from, std::optional<std::string> from_before, const Path& to,
                        std::optional<std::string> to_before) {
  unsynced_names_.try_emplace(from, std::move(from_before));
  unsynced_names_.try_emplace(to, std::move(to_before));
  if (auto moved = files_.extract(from)) files_[to] = moved.mapped();
}

void DiskModel::removed(const Path& path, std::optional<std::string> content) {
  unsynced_names_.try_emplace(path, std::move(content));
  files_.erase(path);
}

// The safe bytes of the file that is now called `path`, if there is one.
std::optional<std::string> DiskModel::before(const Path& path) const {
  const auto file = files_.find(path);
  if (file == files_.end()) return std::nullopt;
  return read_prefix(path, file->second.bytes_synced);
}

std::string DiskModel::remains(const Path& path, const File& file, Tail tail) {
  const auto cut_at = [&](std::uint64_t unit) {
    const std::uint64_t whole = file.bytes == 0 ? 0 : (file.bytes - 1) / unit * unit;
    return std::max(file.bytes_synced, whole);
  };
  switch (tail) {
    case Tail::lost: return read_prefix(path, file.bytes_synced);
    case Tail::kept: return read_prefix(path, file.bytes);
    case Tail::cut_512: return read_prefix(path, cut_at(512));
    case Tail::cut_4096: return read_prefix(path, cut_at(4096));
    case Tail::garbage: break;
  }
  constexpr std::uint64_t kGarbageMore = 137;
  std::string content = read_prefix(path, file.bytes_synced);
  const std::uint64_t unsynced = file.bytes - file.bytes_synced;
  if (unsynced > 0 || path.extension() == ".log") content += garbage(unsynced + kGarbageMore);
  return content;
}

void DiskModel::power_loss_image(const Path& from, const Path& to, Tail tail) const {
  const std::lock_guard lock(mutex_);
  std::map<Path, std::string> left;
  for (const auto& [path, file] : files_)
    if (path.parent_path() == from) left[path.filename()] = remains(path, file, tail);
  if (tail != Tail::kept) {
    for (const auto& [path, content] : unsynced_names_) {
      if (path.parent_path() != from) continue;
      if (content)
        left[path.filename()] = *content;
      else
        left.erase(path.filename());
    }
  }
  std::filesystem::create_directories(to);
  for (const auto& [name, content] : left) std::ofstream(to / name, std::ios::binary) << content;
}

}  // namespace reprise::testing
