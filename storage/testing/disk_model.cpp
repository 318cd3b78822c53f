#include "storage/testing/disk_model.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

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

// An even choice that is the same for the same two numbers.
bool coin(std::uint64_t seed, std::uint64_t n) {
  std::uint64_t mixed = (seed * 0x9e3779b97f4a7c15ULL + n + 1) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 31)) * 0x94d049bb133111ebULL;
  return (mixed >> 63) != 0;
}

void overlay(std::string& content, std::uint64_t offset, std::string_view bytes) {
  content.resize(std::max<std::size_t>(content.size(), offset + bytes.size()));
  content.replace(offset, bytes.size(), bytes);
}

}  // namespace

std::string to_string(Tail tail) {
  switch (tail) {
    case Tail::lost: return "lost";
    case Tail::kept: return "kept";
    case Tail::cut_512: return "cut_512";
    case Tail::cut_4096: return "cut_4096";
    case Tail::torn_512: return "torn_512";
    case Tail::torn_4096: return "torn_4096";
    case Tail::garbage: return "garbage";
  }
  return "unknown";
}

void DiskModel::created(const Path& path) {
  files_[path] = File{};
  unsynced_names_.try_emplace(path, std::nullopt);
}

void DiskModel::written(const Path& path, std::uint64_t offset, std::uint64_t bytes) {
  File& file = files_[path];
  file.unsynced.push_back({offset, bytes});
  file.bytes = std::max(file.bytes, offset + bytes);
}

void DiskModel::truncated(const Path& path, std::uint64_t bytes) {
  File& file = files_[path];
  file.bytes = bytes;
  std::erase_if(file.unsynced, [&](const Write& write) { return write.offset >= bytes; });
  for (Write& write : file.unsynced) write.bytes = std::min(write.bytes, bytes - write.offset);
}

void DiskModel::synced(const Path& path) {
  File& file = files_[path];
  file.safe = read_prefix(path, file.bytes);
  file.unsynced.clear();
}

void DiskModel::names_synced(const Path& dir) {
  std::erase_if(unsynced_names_, [&](const auto& name) { return name.first.parent_path() == dir; });
}

void DiskModel::renamed(const Path& from, std::optional<std::string> from_before, const Path& to,
                        std::optional<std::string> to_before) {
  unsynced_names_.try_emplace(from, std::move(from_before));
  unsynced_names_.try_emplace(to, std::move(to_before));
  if (auto moved = files_.extract(from)) files_[to] = std::move(moved.mapped());
}

void DiskModel::removed(const Path& path, std::optional<std::string> content) {
  unsynced_names_.try_emplace(path, std::move(content));
  files_.erase(path);
}

// The safe bytes of the file that is now called `path`, if there is one.
std::optional<std::string> DiskModel::before(const Path& path) const {
  const auto file = files_.find(path);
  if (file == files_.end()) return std::nullopt;
  return file->second.safe;
}

std::string DiskModel::remains(const Path& path, const File& file, Tail tail, std::uint64_t seed) {
  const bool log = path.extension() == ".log";
  const auto in_part = [&](std::uint64_t unit, bool torn) {
    std::string content = file.safe;
    const std::string now = read_prefix(path, file.bytes);
    for (const Write& write : file.unsynced) {
      const std::uint64_t end = write.offset + write.bytes;
      for (std::uint64_t from = write.offset; from < end; from = (from / unit + 1) * unit) {
        const std::uint64_t to = std::min((from / unit + 1) * unit, end);
        const bool there = torn && log ? coin(seed, from / unit) : to < end;
        if (there) overlay(content, from, std::string_view(now).substr(from, to - from));
      }
    }
    return content;
  };
  switch (tail) {
    case Tail::lost: return file.safe;
    case Tail::kept: return read_prefix(path, file.bytes);
    case Tail::cut_512: return in_part(512, false);
    case Tail::cut_4096: return in_part(4096, false);
    case Tail::torn_512: return in_part(512, true);
    case Tail::torn_4096: return in_part(4096, true);
    case Tail::garbage: break;
  }
  constexpr std::uint64_t kGarbageMore = 137;
  std::string content = file.safe;
  if (!file.unsynced.empty())
    overlay(content, file.unsynced.front().offset,
            garbage(file.unsynced.front().bytes + kGarbageMore));
  else if (log)
    content += garbage(kGarbageMore);
  return content;
}

void DiskModel::power_loss_image(const Path& from, const Path& to, Tail tail,
                                 std::uint64_t seed) const {
  const std::lock_guard lock(mutex_);
  std::map<Path, std::string> left;
  for (const auto& [path, file] : files_)
    if (path.parent_path() == from) left[path.filename()] = remains(path, file, tail, seed);
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
