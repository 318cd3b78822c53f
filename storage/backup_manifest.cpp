#include "storage/backup_manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace reprise {
namespace {

constexpr std::string_view kLogFolder = "log/";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// What RocksDB calls its files, and what we call backups.
bool is_plain_name(std::string_view name) {
  return !name.empty() && is_letter_or_digit(name.front()) && std::ranges::all_of(name, [](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
  });
}

bool is_path_in_backup(std::string_view path) {
  return path == "floor" ||
         (path.starts_with(kLogFolder) && is_plain_name(path.substr(kLogFolder.size())));
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || parsed != end) return std::nullopt;
  return number;
}

// Takes the words of the lines one after the other; what does not fit is remembered.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return text_.empty(); }
  [[nodiscard]] bool next_is(std::string_view word) const {
    return text_.starts_with(word) && text_.substr(word.size()).starts_with(' ');
  }
  std::string_view take(char until) {
    const std::size_t end = text_.find(until);
    if (end == std::string_view::npos) {
      ok_ = false;
      text_ = {};
      return {};
    }
    const std::string_view word = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return word;
  }
  void expect(std::string_view word) { ok_ &= take(' ') == word; }
  template <typename Value>
  Value value(const std::optional<Value>& found) {
    ok_ &= found.has_value();
    return found.value_or(Value());
  }
  void demand(bool that) { ok_ &= that; }

 private:
  std::string_view text_;
  bool ok_ = true;
};

}  // namespace

std::uint64_t BackupManifest::bytes() const {
  std::uint64_t sum = 0;
  for (const BackupFile& file : files) sum += file.bytes;
  return sum;
}

bool is_backup_name(std::string_view name) {
  constexpr std::size_t kNameMax = 64;
  return name.size() <= kNameMax && is_plain_name(name);
}

std::string encode_backup_manifest(const BackupManifest& manifest) {
  std::string text = fmt::format("reprise-backup {}\nname {}\nstore {}\ncreated {}\ngroup {} {}\n",
                                 BackupManifest::kVersion, manifest.name, manifest.store,
                                 to_rfc3339(manifest.created), manifest.position.group,
                                 to_hex(manifest.position.digest));
  for (const BackupFile& file : manifest.files)
    text += fmt::format("file {} {} {}\n", file.path, file.bytes, to_hex(file.digest));
  text += fmt::format("end {}\n", to_hex(digest_of(text)));
  return text;
}

Result<BackupManifest> parse_backup_manifest(std::string_view text) {
  Words words(text);
  words.expect("reprise-backup");
  const std::uint64_t version = words.value(number_of(words.take('\n')));
  if (!words.ok()) return fail(Errc::corrupt, "it does not begin as a backup's manifest does");
  if (version != BackupManifest::kVersion)
    return fail(Errc::unsupported, fmt::format("it is of version {}; this build reads version {}",
                                               version, BackupManifest::kVersion));
  BackupManifest manifest;
  words.expect("name");
  manifest.name = words.take('\n');
  words.demand(is_backup_name(manifest.name));
  words.expect("store");
  manifest.store = words.take('\n');
  words.expect("created");
  manifest.created = words.value(parse_rfc3339(words.take('\n')));
  words.expect("group");
  manifest.position.group = GroupNumber(words.value(number_of(words.take(' '))));
  manifest.position.digest = words.value(digest_from_hex(words.take('\n')));
  while (words.ok() && words.next_is("file")) {
    words.expect("file");
    BackupFile& file = manifest.files.emplace_back();
    file.path = words.take(' ');
    words.demand(is_path_in_backup(file.path));
    file.bytes = words.value(number_of(words.take(' ')));
    file.digest = words.value(digest_from_hex(words.take('\n')));
  }
  words.expect("end");
  const Digest digest = words.value(digest_from_hex(words.take('\n')));
  const std::size_t end = text.rfind("end ");
  if (!words.ok() || !words.at_end() || digest_of(text.substr(0, end)) != digest)
    return fail(Errc::corrupt, "it is cut or changed");
  return manifest;
}

}  // namespace reprise
