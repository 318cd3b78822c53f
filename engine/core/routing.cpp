#include "engine/core/routing.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"
#include "storage/schema.hpp"

namespace reprise {

ShardIndex shard_of(std::string_view workflow_id, std::uint16_t shard_count) {
  return ShardIndex(static_cast<std::uint16_t>(leading_u64(digest_of(workflow_id)) % shard_count));
}

ShardIndex route(StartInput& input, UtcTime now, std::uint16_t shard_count) {
  StartRequest& request = input.request;
  if (request.workflow) return shard_of(request.workflow->text(), shard_count);
  input.fresh_id = true;
  std::optional<ShardIndex> wanted;
  if (request.key)
    wanted = shard_of(idempotency_key(request.key->tenant, request.key->key), shard_count);
  for (std::uint64_t salt = 0;; ++salt) {
    const Digest mixed =
        digest_of(fmt::format("{}/{}/{}", input.entropy_high, input.entropy_low, salt));
    const RunId id = RunId::make(now, leading_u64(mixed), leading_u64(digest_of(mixed.view())));
    std::string text = request.id_prefix + to_base32(id.bytes());
    const ShardIndex shard = shard_of(text, shard_count);
    if (wanted && shard != *wanted) continue;
    request.workflow = WorkflowId(std::move(text));
    return shard;
  }
}

}  // namespace reprise
