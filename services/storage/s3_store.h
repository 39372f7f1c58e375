#pragma once
// The object store on MinIO, or anything that speaks S3.

#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>

#include "services/storage/object_store.h"
#include "services/storage/s3_client.h"

namespace comporta {

class S3Writer final : public ObjectWriter {
 public:
  S3Writer(const S3Settings& settings, std::size_t max_connections);

  void start_prepare(std::uint64_t token) override;
  void start_look(std::uint64_t token) override;
  void start_put(std::uint64_t token, std::shared_ptr<const NewObject> object) override;
  std::vector<StoreResult> poll(int wake_fd, std::chrono::milliseconds limit) override;

 private:
  void create_bucket(std::uint64_t token);
  std::optional<StoreResult> result_of(const S3Response& response);

  std::string region_;
  S3Client client_;
};

/// Keeps one connection for each thread that reads at the same time.
class S3Reader final : public ObjectReader {
 public:
  explicit S3Reader(S3Settings settings);

  std::optional<std::string> get(const std::string& name) const override;
  ObjectPage list(const std::string& folder, const std::string& after, std::size_t limit) const override;

 private:
  S3Response send(S3Request request) const;

  S3Settings settings_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<S3Client>> idle_;
};

/// One answer to ListObjectsV2.
struct S3Listing {
  std::vector<StoredObject> objects;  ///< those with an object's name
  std::string continuation;           ///< token for the rest; empty: there is none
};
S3Listing parse_listing(std::string_view xml);

}  // namespace comporta
