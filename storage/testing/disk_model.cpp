#include "storage/testing/disk_model.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

namespace reprise::testing {
namespace {

// An even choice that is the same for the same two numbers.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t n) {
  std::uint64_t bits = (seed * 0x9e3779b97f4a7c15ULL + n + 1) * 0xbf58476d1ce4e5b9ULL;
  return (bits ^ (bits >> 31)) * 0x94d049bb133111ebULL;
}

bool coin(std::uint64_t seed, std::uint64_t n) { return (mixed(seed, n) >> 63) != 0; }

// Bytes that repeat in no pattern a format would accept; the same for the same seed and count.
std::string garbage(std::uint64_t seed, std::uint64_t bytes) {
  std::string out;
  out.reserve(bytes);
  for (std::uint64_t i = 0; i < bytes; ++i) out += static_cast<char>(mixed(seed, i) >> 56);
  return out;
}

void overlay(std::string& content, std::uint64_t offset, std::string_view bytes) {
  content.resize(std::max<std::size_t>(content.size(), offset + bytes.size()));
  content.replace(offset, bytes.size(), bytes);
}

}  // namespace

std::string to_string(DiskOperation::Kind kind) {
  switch (kind) {
    case DiskOperation::Kind::create: return "create";
    case DiskOperation::Kind::write: return "write";
    case DiskOperation::Kind::truncate: return "truncate";
    case DiskOperation::Kind::sync: return "sync";
    case DiskOperation::Kind::sync_names: return "sync of names";
    case DiskOperation::Kind::rename: return "rename";
    case DiskOperation::Kind::remove: return "delete";
  }
  return "unknown";
}

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

void write_image(const DiskImage& image, const std::filesystem::path& to) {
  std::filesystem::create_directories(to);
  for (const auto& [name, content] : image) std::ofstream(to / name, std::ios::binary) << content;
}

void DiskModel::apply(const DiskOperation& operation) {
  const std::lock_guard lock(mutex_);
  change(operation);
}

void DiskModel::when_done(std::function<void(const DiskOperation&)> listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

void DiskModel::install(const Path& dir, const DiskImage& image) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, content] : image) files_[dir / name] = {.now = content, .safe = content};
}

void DiskModel::note(DiskOperation operation) {
  change(operation);
  if (listener_) listener_(operation);
}

void DiskModel::change(const DiskOperation& operation) {
  const Path& path = operation.path;
  switch (operation.kind) {
    case DiskOperation::Kind::create: return create(path);
    case DiskOperation::Kind::write: return write(files_[path], operation.offset, operation.bytes);
    case DiskOperation::Kind::truncate: return truncate(files_[path], operation.offset);
    case DiskOperation::Kind::sync: return sync(files_[path]);
    case DiskOperation::Kind::sync_names: return sync_names(path);
    case DiskOperation::Kind::rename: return rename(path, operation.to);
    case DiskOperation::Kind::remove: return remove(path);
  }
}

// A name that is there stays, and its file is cut.
void DiskModel::create(const Path& path) {
  const auto [file, is_new] = files_.try_emplace(path);
  if (is_new)
    unsynced_names_.try_emplace(path, std::nullopt);
  else
    truncate(file->second, 0);
}

void DiskModel::write(File& file, std::uint64_t offset, const std::string& bytes) {
  file.unsynced.push_back({offset, bytes.size()});
  overlay(file.now, offset, bytes);
}

void DiskModel::truncate(File& file, std::uint64_t bytes) {
  file.now.resize(bytes);
  file.cut = true;
  std::erase_if(file.unsynced, [&](const Write& write) { return write.offset >= bytes; });
  for (Write& write : file.unsynced) write.bytes = std::min(write.bytes, bytes - write.offset);
}

void DiskModel::sync(File& file) {
  if (std::exchange(file.cut, false)) file.safe = file.now;
  for (const Write& write : file.unsynced)
    overlay(file.safe, write.offset, std::string_view(file.now).substr(write.offset, write.bytes));
  file.unsynced.clear();
}

void DiskModel::sync_names(const Path& dir) {
  std::erase_if(unsynced_names_, [&](const auto& name) { return name.first.parent_path() == dir; });
}

void DiskModel::rename(const Path& from, const Path& to) {
  unsynced_names_.try_emplace(from, safe_content(from));
  unsynced_names_.try_emplace(to, safe_content(to));
  if (auto moved = files_.extract(from)) files_[to] = std::move(moved.mapped());
}

void DiskModel::remove(const Path& path) {
  unsynced_names_.try_emplace(path, safe_content(path));
  files_.erase(path);
}

// Of the file that is now called `path`, if there is one.
std::optional<std::string> DiskModel::safe_content(const Path& path) const {
  const auto file = files_.find(path);
  if (file == files_.end()) return std::nullopt;
  return file->second.safe;
}

std::string DiskModel::remains(const Path& path, const File& file, Tail tail, std::uint64_t seed) {
  const bool log = path.extension() == ".log";
  const auto in_part = [&](std::uint64_t unit, bool torn) {
    std::string content = file.safe;
    for (const Write& write : file.unsynced) {
      const std::uint64_t end = write.offset + write.bytes;
      for (std::uint64_t from = write.offset; from < end; from = (from / unit + 1) * unit) {
        const std::uint64_t to = std::min((from / unit + 1) * unit, end);
        const bool there = torn && log ? coin(seed, from / unit) : to < end;
        if (there) overlay(content, from, std::string_view(file.now).substr(from, to - from));
      }
    }
    return content;
  };
  switch (tail) {
    case Tail::lost: return file.safe;
    case Tail::kept: return file.now;
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
            garbage(seed, file.unsynced.front().bytes + kGarbageMore));
  else if (log)
    content += garbage(seed, kGarbageMore);
  return content;
}

DiskImage DiskModel::power_loss_image(const Path& dir, Tail tail, std::uint64_t seed) const {
  const std::lock_guard lock(mutex_);
  DiskImage left;
  for (const auto& [path, file] : files_)
    if (path.parent_path() == dir) left[path.filename()] = remains(path, file, tail, seed);
  if (tail == Tail::kept) return left;
  for (const auto& [path, content] : unsynced_names_) {
    if (path.parent_path() != dir) continue;
    if (content)
      left[path.filename()] = *content;
    else
      left.erase(path.filename());
  }
  return left;
}

}  // namespace reprise::testing
