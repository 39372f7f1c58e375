#include "services/storage/settings.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace comporta {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kDefaultPort = 8082;

/// Scheme and host, perhaps a port: what is signed as the host is what follows the slashes.
bool is_endpoint(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    return !text.empty() && text.find_first_of("/?#@ ") == std::string_view::npos;
  }
  return false;
}

/// Of what S3 allows, the part that needs no second thought in a path.
bool is_bucket_name(std::string_view text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return text.size() >= 3 && text.size() <= 63 && std::all_of(text.begin(), text.end(), allowed) &&
         text.front() != '-' && text.back() != '-';
}

S3Settings read_s3(const Section& section) {
  S3Settings s3;
  s3.endpoint = section.text("endpoint", s3.endpoint);
  if (!is_endpoint(s3.endpoint)) section.fault("endpoint", "must be http(s)://host[:port], without a path");
  s3.bucket = section.text("bucket", s3.bucket);
  if (!is_bucket_name(s3.bucket)) {
    section.fault("bucket", "must be 3 to 63 lower-case letters, digits and inner hyphens");
  }
  s3.credentials.region = section.text("region", "us-east-1");
  s3.credentials.access_key = section.text("access_key", "minioadmin");
  s3.credentials.secret_key = section.secret("secret_key", "minioadmin");
  s3.connect_timeout = section.duration("connect_timeout", {3s, 100ms, 60s});
  s3.request_timeout = section.duration("request_timeout", {15s, 1s, 10min});
  return s3;
}

StoreSettings read_store(const Section& section) {
  StoreSettings store;
  const bool s3 = section.choice("driver", "s3", {"s3", "filesystem"}) == "s3";
  store.driver = s3 ? StoreDriver::kS3 : StoreDriver::kFilesystem;
  store.s3 = read_s3(section.section("s3"));
  const Section filesystem = section.section("filesystem");
  store.filesystem_root = filesystem.text("root", "/var/lib/comporta/objects");
  if (store.filesystem_root.empty()) filesystem.fault("root", "must name a folder");
  return store;
}

ArchiveSettings read_archive(const Section& section) {
  ArchiveSettings archive;
  archive.puts_in_flight = static_cast<std::size_t>(section.count("puts_in_flight", {8, 1, 64}));
  archive.retry_first = section.duration("retry_first", {100ms, 1ms, 10s});
  archive.retry_limit = section.duration("retry_limit", {10s, 1ms, 10min});
  archive.probe_interval = section.duration("probe_interval", {10s, 1s, 10min});
  if (archive.retry_limit < archive.retry_first) section.fault("retry_limit", "is less than retry_first");
  return archive;
}

ConsumeSettings read_consume(const Section& section, const BrokerSettings& broker) {
  ConsumeSettings consume;
  consume.queue = Topology(broker.prefix).storage_queue;
  consume.prefetch = static_cast<std::uint16_t>(section.count("prefetch", {32, 1, 1'000}));
  consume.drain_limit = section.duration("drain_limit", {20s, 1s, 10min});
  consume.crash_limit = section.count("crash_limit", {10, 5, 19});
  return consume;
}

ReadingSettings read_reading(const Section& section) {
  ReadingSettings reading;
  reading.threads = static_cast<int>(section.count("threads", {2, 1, 64}));
  reading.queue = static_cast<std::size_t>(section.count("queue", {64, 1, 10'000}));
  return reading;
}

}  // namespace

StorageSettings read_storage_settings(const Section& root) {
  StorageSettings settings;
  settings.http = read_http_settings(root.section("http"), kDefaultPort);
  settings.broker = read_broker_settings(root.section("broker"));
  settings.consume = read_consume(root.section("consume"), settings.broker);
  const Section store = root.section("store");
  settings.store = read_store(store);
  settings.archive = read_archive(store);
  if (settings.archive.puts_in_flight > settings.consume.prefetch) {
    store.fault("puts_in_flight", "is more than consume.prefetch, so that it is never reached");
  }
  settings.reading = read_reading(root.section("reading"));
  settings.access = read_access_settings(root);
  return settings;
}

}  // namespace comporta
