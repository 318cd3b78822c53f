#include "engine/runtime/backups.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "base/thread_name.hpp"
#include "engine/runtime/restore.hpp"
#include "storage/durable_floor.hpp"

namespace reprise {
namespace {

BackupInfo info_of(const BackupManifest& manifest) {
  return {.name = manifest.name,
          .state = BackupState::complete,
          .created_at = manifest.created,
          .reason = {},
          .store = manifest.store,
          .group = manifest.position.group,
          .files = manifest.files.size(),
          .bytes = manifest.bytes()};
}

// "backup-20260131T120000.123Z": sorts by time, and is a plain name.
std::string name_at(UtcTime time) {
  std::string name = "backup-" + to_rfc3339(time);
  std::erase_if(name, [](char c) { return c == ':'; });
  return name;
}

std::int64_t milliseconds(Duration duration) { return duration.count() / 1000; }

}  // namespace

std::string_view to_string(BackupState state) noexcept {
  switch (state) {
    case BackupState::running: return "running";
    case BackupState::complete: return "complete";
    case BackupState::failed: return "failed";
  }
  return "unknown";
}

Result<std::unique_ptr<Backups>> Backups::open(std::filesystem::path folder, BackupsParts parts) {
  Result<BackupFolder> opened = BackupFolder::open(std::move(folder));
  if (!opened) return std::unexpected(std::move(opened.error()));
  std::unique_ptr<Backups> backups(new Backups(std::move(*opened), parts));
  const std::lock_guard lock(backups->mutex_);
  if (Result<> read = backups->refresh(); !read) return std::unexpected(std::move(read.error()));
  return backups;
}

Result<> Backups::refresh() {
  std::error_code error;
  const auto changed = std::filesystem::last_write_time(folder_.root(), error);
  if (!error && changed == folder_read_) return {};
  const Result<std::vector<BackupManifest>> listed = folder_.list();
  if (!listed) return std::unexpected(listed.error());
  complete_.clear();
  for (const BackupManifest& manifest : *listed) complete_.push_back(info_of(manifest));
  folder_read_ = changed;
  return {};
}

Result<BackupInfo> Backups::start(std::string name, std::optional<std::size_t> keep) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return fail(Errc::unavailable, "the server is stopping");
  if (running_)
    return fail(Errc::conflict, "backup " + running_->name + " is being made: wait for it");
  BackupInfo info{.created_at = parts_.clock.utc()};
  info.name = name.empty() ? name_at(info.created_at) : std::move(name);
  if (Result<> ok = folder_.check_name(info.name); !ok)
    return std::unexpected(std::move(ok.error()));
  running_ = info;
  failed_.reset();
  thread_ =
      std::jthread([this, info, keep](const std::stop_token& stop) { make(info, keep, stop); });
  return info;
}

Result<MadeBackup> Backups::make_one(const BackupInfo& info, const std::stop_token& stop) const {
  // The floor before the copy: the copy holds at least what it names.
  const Result<DurableFloor> floor = DurableFloor::open_read_only(parts_.floor);
  if (!floor) return std::unexpected(floor.error());
  const auto position = [mark = floor->mark()](const EventLog& copy) {
    return last_group_of(copy, mark);
  };
  return folder_.create(
      parts_.log, {.name = info.name, .created = info.created_at, .position = position}, stop);
}

void Backups::make(BackupInfo info, std::optional<std::size_t> keep, const std::stop_token& stop) {
  name_this_thread("backup");
  const SteadyTime begin = parts_.clock.steady();
  const Result<MadeBackup> made = make_one(info, stop);
  if (made) {
    info = info_of(made->manifest);
    log_info("backup_made", {{"name", info.name},
                             {"group", info.group.value()},
                             {"bytes", info.bytes},
                             {"bytes_copied", made->bytes_copied},
                             {"took_ms", milliseconds(parts_.clock.steady() - begin)}});
  } else {
    info.state = BackupState::failed;
    info.reason = made.error().detail;
    log_warning("backup_failed", {{"name", info.name}, {"reason", to_string(made.error())}});
  }
  if (made && keep) {
    const auto removed = folder_.prune(info.store, *keep);
    if (!removed)
      log_warning("backups_not_removed", {{"reason", to_string(removed.error())}});
    else
      for (const std::string& name : *removed) log_info("backup_removed", {{"name", name}});
  }
  const std::lock_guard lock(mutex_);
  running_.reset();
  folder_read_ = {};
  if (!made) failed_ = std::move(info);
}

std::optional<BackupInfo> Backups::find(const std::string& name) {
  const Result<std::vector<BackupInfo>> infos = all();
  if (!infos) return std::nullopt;
  const auto found = std::ranges::find(*infos, name, &BackupInfo::name);
  return found == infos->end() ? std::nullopt : std::optional(*found);
}

Result<std::vector<BackupInfo>> Backups::all() {
  const std::lock_guard lock(mutex_);
  if (Result<> read = refresh(); !read) return std::unexpected(std::move(read.error()));
  std::vector<BackupInfo> infos = complete_;
  const auto is_new = [&](const BackupInfo& info) {
    return std::ranges::find(infos, info.name, &BackupInfo::name) == infos.end();
  };
  if (failed_ && is_new(*failed_)) infos.push_back(*failed_);
  if (running_) {
    // Its name is there already while old ones are being removed.
    std::erase_if(infos, [&](const BackupInfo& info) { return info.name == running_->name; });
    infos.push_back(*running_);
  }
  return infos;
}

void Backups::stop() {
  std::jthread last;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    last = std::move(thread_);
  }
  last.request_stop();
  if (last.joinable()) last.join();
}

}  // namespace reprise
