#include "tests/faults/flip_target.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/check.hpp"
#include "engine/core/group.hpp"
#include "storage/data_dir.hpp"
#include "tests/faults/recorder.hpp"

namespace reprise::testing {
namespace {

constexpr const char* kStates = "states";
constexpr std::size_t kMemtableBytes = std::size_t{64} << 10;

// Signals of `bytes` each to the run "signals".
void send(ServedStore& store, std::size_t count, std::size_t bytes) {
  for (std::size_t n = 0; n < count; ++n) {
    std::string text = fmt::format("{} of {} ", n, count);
    while (text.size() < bytes)
      text += fmt::format("{:x}", n * 0x9e3779b97f4a7c15ULL + text.size());
    store.signal("signals", text);
  }
}

// Several tables, some of them merged; a few payloads that lie beside their records.
void fill(ServedStore& store) {
  store.start("signals", "bench.signals", "{}");
  store.start("chain", "bench.chain", R"({"n":20})");
  store.finish("chain");
  send(store, 100, 1500);
  send(store, 3, 70'000);
}

// What a power cut at the end leaves, and the states up to it.
FlipTarget target_of(const Recording& recording) {
  FlipTarget target{.image = Playback(recording, recording.entries.size()).image(Tail::lost, 0),
                    .states = recording.states->all()};
  const VirtualFiles files(target.image);
  const auto log = RocksDbLog::open_read_only(files.data().log(), {.env = &files.env()});
  CHECK(log.has_value(), "{}", to_string(log.error()));
  const Result<Digest> content = content_of(**log);
  CHECK(content.has_value(), "{}", to_string(content.error()));
  const auto held = recording.states->find(*content);
  CHECK(held.has_value(), "the store holds a state that it never had");
  target.states.resize(*held + 1);
  return target;
}

// The position of group `number` of the store in `files`.
GroupPosition group_in(const VirtualFiles& files, GroupNumber number) {
  const auto log = RocksDbLog::open_read_only(files.data().log(), {.env = &files.env()});
  CHECK(log.has_value(), "{}", to_string(log.error()));
  const auto bytes = (*log)->get(Table::group, group_key(number));
  CHECK(bytes.has_value() && bytes->has_value(), "no group {}", number);
  const auto group = decode_group(**bytes);
  CHECK(group.has_value(), "{}", to_string(group.error()));
  return {.number = number, .hash = group->hash};
}

std::string content_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Sets the image's floor to two groups, one in each slot.
void set_floor(StoreImage& image, GroupNumber lower, GroupNumber upper) {
  const VirtualFiles files(image);
  const std::filesystem::path path = files.data().floor();
  const GroupPosition first = group_in(files, lower);
  const GroupPosition second = group_in(files, upper);
  CHECK(DurableFloor::reset(path, {first.number, first.hash}).has_value(), "{}", path.string());
  auto floor = DurableFloor::open(path);
  CHECK(floor.has_value(), "{}", to_string(floor.error()));
  CHECK(floor->raise({second.number, second.hash}).has_value(), "{}", path.string());
  image.beside[path.filename()] = content_of_file(path);
}

DiskImage read_image(const std::filesystem::path& folder) {
  DiskImage image;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file()) image[entry.path().filename()] = content_of_file(entry.path());
  return image;
}

}  // namespace

FlipTarget make_killed_target() {
  constexpr std::uint64_t kBehindTheFloor = 15;
  Recorder recorder;
  {
    const auto store = recorder.serve({.memtable_bytes = kMemtableBytes});
    fill(*store);
    store->stop();
  }
  recorder.files().hold_tables();
  const auto store = recorder.serve({.memtable_bytes = kMemtableBytes});
  send(*store, 20, 2000);  // more than one memtable, so that two logs live
  send(*store, 30, 100);
  const Recording recording = recorder.finish();
  recorder.files().release_tables();
  FlipTarget target = target_of(recording);
  // The first append made the store; each other one was a group.
  const std::uint64_t groups = target.states.size() - 2;
  set_floor(target.image, GroupNumber(groups - kBehindTheFloor - 1),
            GroupNumber(groups - kBehindTheFloor));
  return target;
}

FlipTarget make_stopped_target() {
  Recorder recorder;
  {
    const auto store = recorder.serve({.memtable_bytes = kMemtableBytes});
    fill(*store);
    store->stop();
  }
  return target_of(recorder.finish());
}

void save_target(const FlipTarget& target, const std::filesystem::path& folder) {
  const DataDir data(folder);
  write_image(target.image.beside, data.root());
  write_image(target.image.log, data.log());
  std::ofstream states(folder / kStates);
  for (const Digest& state : target.states) states << state.view();
}

FlipTarget load_target(const std::filesystem::path& folder) {
  const DataDir data(folder);
  if (!std::filesystem::exists(folder / kStates))
    throw std::runtime_error(folder.string() + " holds no target");
  FlipTarget target{.image = {.beside = read_image(data.root()), .log = read_image(data.log())}};
  const std::string states = std::exchange(target.image.beside[kStates], {});
  target.image.beside.erase(kStates);
  for (std::size_t at = 0; at < states.size(); at += Digest::kBytes)
    target.states.push_back(
        Digest::from_bytes(std::string_view(states).substr(at, Digest::kBytes)));
  return target;
}

}  // namespace reprise::testing
