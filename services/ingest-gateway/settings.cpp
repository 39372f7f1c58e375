#include "services/ingest-gateway/settings.h"

#include <algorithm>

#include "common/broker/message.h"

namespace comporta::gateway {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;
constexpr std::uint16_t kDefaultPort = 8081;
/// Transforms may make a record longer, and it must fit into a part then.
constexpr std::size_t kMaxRecordBytes = 1017 * kKiB;
static_assert(kMaxRecordBytes + kMaxTransforms * kMaxTransformGrowth < kMaxPartRecordBytes);

/// Of an upload, at a time: packed and unpacked, or before and after its kind's transforms, which may add to
/// it.
constexpr std::size_t kMostCopies = 3;

/// Short secrets can be found by trying, and with them what was hashed.
constexpr std::size_t kMinSecretBytes = 16;

bool hashes(const Kind& kind) {
  return std::ranges::any_of(kind.transforms,
                             [](const auto& entry) { return entry.second == Transform::kHash; });
}

std::string read_hash_secret(const Section& section, const KindSet& kinds) {
  std::string secret = section.secret("hash_secret", "");
  if (!secret.empty() && secret.size() < kMinSecretBytes)
    section.fault("hash_secret", "must have at least " + std::to_string(kMinSecretBytes) + " bytes");
  for (const auto& [name, kind] : kinds.all())
    if (secret.empty() && hashes(kind))
      section.fault("hash_secret", "is missing, but the kind " + name + " hashes members with it");
  return secret;
}

std::string read_password_secret(const Section& section, const KindSet& kinds) {
  std::string secret = section.secret("secret", "");
  if (!secret.empty() && secret.size() < kLeastPasswordSecret)
    section.fault("secret", "must have at least " + std::to_string(kLeastPasswordSecret) + " bytes");
  for (const auto& [name, kind] : kinds.all())
    if (secret.empty() && kind.account.is_one())
      section.fault("secret", "is missing, but the kind " + name + " has passwords");
  return secret;
}

PasswordSettings read_passwords(const Section& section, const KindSet& kinds) {
  PasswordSettings passwords;
  passwords.secret = read_password_secret(section, kinds);
  passwords.rules.least =
      static_cast<std::size_t>(section.count("least", {.fallback = 12, .min = 8, .max = 64}));
  passwords.hash_threads =
      static_cast<int>(section.count("hash_threads", {.fallback = 1, .min = 1, .max = 64}));
  passwords.hash_queue =
      static_cast<std::size_t>(section.count("hash_queue", {.fallback = 32, .min = 1, .max = 10'000}));
  return passwords;
}

IngestSettings read_ingest(const Section& section, const KindSet& kinds) {
  IngestSettings ingest;
  ingest.max_body_bytes = section.bytes("max_body", {.fallback = 33 * kMiB, .min = kKiB, .max = 256 * kMiB});
  ingest.limits.max_records = static_cast<std::size_t>(
      section.count("max_records", {.fallback = 100'000, .min = 1, .max = 1'000'000}));
  ingest.limits.max_record_bytes =
      section.bytes("max_record", {.fallback = 256 * kKiB, .min = 64, .max = kMaxRecordBytes});
  ingest.check_threads =
      static_cast<int>(section.count("check_threads", {.fallback = 1, .min = 1, .max = 64}));
  ingest.check_queue =
      static_cast<std::size_t>(section.count("check_queue", {.fallback = 64, .min = 1, .max = 10'000}));
  ingest.remembered_keys = static_cast<std::size_t>(
      section.count("remembered_keys", {.fallback = 10'000, .min = 1, .max = 10'000'000}));
  ingest.hash_secret = read_hash_secret(section, kinds);
  return ingest;
}

PublisherSettings read_publisher(const Section& section) {
  PublisherSettings publisher;
  publisher.max_pending_bytes =
      section.bytes("max_pending", {.fallback = 128 * kMiB, .min = kMiB, .max = 64 * kKiB * kMiB});
  publisher.max_pending_uploads = static_cast<std::size_t>(
      section.count("max_pending_uploads", {.fallback = 1'000, .min = 1, .max = 1'000'000}));
  publisher.max_backlog.bytes =
      section.bytes("max_backlog", {.fallback = 2 * kKiB * kMiB, .min = kMiB, .max = kMiB * kMiB});
  publisher.max_backlog.messages = static_cast<std::uint64_t>(
      section.count("max_backlog_messages", {.fallback = 50'000, .min = 1, .max = 1'000'000'000}));
  publisher.batches.max_in_flight =
      static_cast<std::size_t>(section.count("full_batches_in_flight", {.fallback = 4, .min = 1, .max = 64}));
  publisher.batches.max_gap = section.duration(
      "max_gap", {.fallback = milliseconds(60), .min = milliseconds(0), .max = milliseconds(1'000)});
  return publisher;
}

}  // namespace

GatewaySettings read_gateway_settings(const Section& root, const KindSet& kinds) {
  GatewaySettings settings;
  settings.http = read_http_settings(root.section("http"), kDefaultPort);
  settings.broker = read_broker_settings(root.section("broker"));
  const Section ingest = root.section("ingest");
  settings.ingest = read_ingest(ingest, kinds);
  settings.ingest.passwords = read_passwords(root.section("passwords"), kinds);
  settings.ingest.sampling = read_trace_sampling(root.section("traces"));
  settings.publisher = read_publisher(ingest);
  settings.access = read_access_settings(root);
  settings.hooks = read_hook_settings(root.section("hooks"), kinds);
  settings.drain_limit =
      root.duration("drain_limit",
                    {.fallback = milliseconds(20'000), .min = milliseconds(0), .max = milliseconds(600'000)});
  settings.http.max_body_bytes = settings.ingest.max_body_bytes;
  if (settings.publisher.max_pending_bytes < kMostCopies * settings.ingest.max_body_bytes) {
    ingest.fault("max_pending",
                 "is less than three times max_body: the largest upload could never be unpacked");
  }
  if (settings.publisher.max_backlog.bytes > settings.broker.queue_max_bytes)
    ingest.fault("max_backlog", "is more than broker.queue_max_bytes, so that it is never reached");
  return settings;
}

}  // namespace comporta::gateway
