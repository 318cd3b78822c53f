#include "storage/file_digests.hpp"

namespace reprise {
namespace {

constexpr const char* kName = "xxh3-128";  // durable: it stands in manifests

class Generator final : public rocksdb::FileChecksumGenerator {
 public:
  void Update(const char* data, std::size_t bytes) override { stream_.add({data, bytes}); }
  void Finalize() override { digest_ = stream_.digest(); }
  std::string GetChecksum() const override { return std::string(digest_.view()); }
  const char* Name() const override { return kName; }

 private:
  DigestStream stream_;
  Digest digest_;
};

class Factory final : public rocksdb::FileChecksumGenFactory {
 public:
  const char* Name() const override { return "FileDigests"; }
  std::unique_ptr<rocksdb::FileChecksumGenerator> CreateFileChecksumGenerator(
      const rocksdb::FileChecksumGenContext& context) override {
    const std::string& wanted = context.requested_checksum_func_name;
    if (!wanted.empty() && wanted != kName) return nullptr;
    return std::make_unique<Generator>();
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileChecksumGenFactory> file_digests() {
  return std::make_shared<Factory>();
}

std::optional<Digest> recorded_digest(const std::string& checksum, const std::string& name) {
  if (name != kName || checksum.size() != Digest::kBytes) return std::nullopt;
  return Digest::from_bytes(checksum);
}

}  // namespace reprise
