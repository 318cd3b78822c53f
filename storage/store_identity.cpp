#include "storage/store_identity.hpp"

#include <sys/random.h>

#include <array>
#include <span>
#include <utility>

#include "base/check.hpp"

namespace reprise {
namespace {

constexpr const char* kIdRow = "store_id";
constexpr const char* kOriginRow = "store_origin";

}  // namespace

std::string new_store_id() {
  std::array<char, RunId::kBytes> bits{};
  const auto got = getrandom(bits.data(), bits.size(), 0);
  CHECK(got == static_cast<ssize_t>(bits.size()), "getrandom gave {} bytes", got);
  return "store_" + to_base32({bits.data(), bits.size()});
}

Result<std::optional<StoreIdentity>> read_store_identity(const EventLog& log) {
  Result<std::optional<std::string>> id = log.get(Table::meta, kIdRow);
  if (!id) return std::unexpected(std::move(id.error()));
  if (!*id) return std::nullopt;
  Result<std::optional<std::string>> origin = log.get(Table::meta, kOriginRow);
  if (!origin) return std::unexpected(std::move(origin.error()));
  return StoreIdentity{.id = std::move(**id), .origin = origin->value_or("")};
}

Result<> write_store_identity(EventLog& log, const StoreIdentity& identity) {
  Batch batch;
  batch.put(Table::meta, kIdRow, identity.id);
  batch.put(Table::meta, kOriginRow, identity.origin);
  return log.append(std::span(&batch, 1));
}

Result<StoreIdentity> ensure_store_identity(EventLog& log) {
  Result<std::optional<StoreIdentity>> found = read_store_identity(log);
  if (!found) return std::unexpected(std::move(found.error()));
  if (*found) return std::move(**found);
  StoreIdentity made{.id = new_store_id(), .origin = {}};
  if (Result<> written = write_store_identity(log, made); !written)
    return std::unexpected(std::move(written.error()));
  return made;
}

}  // namespace reprise
