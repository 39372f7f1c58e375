#include "services/cache/settings.h"

#include "common/config/addresses.h"
#include "common/config/settings.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kSentinelPort = 26'379;

ConsumeSettings read_consume(const Section& section, const BrokerSettings& broker) {
  ConsumeSettings settings;
  settings.in_order = true;
  settings.queue = Topology(broker.prefix).cache_queue;
  settings.prefetch =
      static_cast<std::uint16_t>(section.count("prefetch", {.fallback = 64, .min = 1, .max = 1'000}));
  settings.drain_limit = section.duration("drain_limit", {.fallback = 20s, .min = 0s, .max = 10min});
  settings.crash_limit = section.count("crash_limit", {.fallback = 10, .min = 5, .max = 19});
  return settings;
}

RedisServer read_server(const Section& section) {
  RedisServer server;
  server.host = section.text("host", server.host);
  server.port =
      static_cast<std::uint16_t>(section.count("port", {.fallback = 6379, .min = 1, .max = 65'535}));
  server.user = section.text("user", "");
  server.password = section.secret("password", "");
  server.timeout = section.duration("timeout", {.fallback = server.timeout, .min = 10ms, .max = 1s});
  if (!server.user.empty() && server.password.empty()) section.fault("user", "needs a password");
  server.master = section.text("master", server.master);
  server.sentinel_password = section.secret("sentinel_password", "");
  const std::string sentinels = section.text("sentinels", "");
  if (!sentinels.empty()) server.sentinels = parse_addresses(sentinels, kSentinelPort);
  if (!sentinels.empty() && server.sentinels.empty()) {
    section.fault("sentinels", "expected hosts with commas and without blanks: a,b,c:26380");
  }
  return server;
}

RedisStoreSettings read_redis(const Section& section) {
  RedisStoreSettings settings;
  settings.server = read_server(section);
  settings.prefix = section.text("prefix", settings.prefix);
  if (settings.prefix.empty()) section.fault("prefix", "must not be empty");
  settings.replicas = static_cast<int>(section.count("replicas", {.fallback = 0, .min = 0, .max = 9}));
  settings.applied_batches = static_cast<std::size_t>(
      section.count("applied_batches", {.fallback = 100'000, .min = 1'000, .max = 10'000'000}));
  settings.upload_mark_ttl = std::chrono::duration_cast<std::chrono::seconds>(
      section.duration("upload_mark_ttl", {.fallback = 24h, .min = 1min, .max = 720h}));
  return settings;
}

}  // namespace

CacheSettings read_cache_settings(const Section& root, const KindSet& kinds) {
  CacheSettings settings;
  settings.http = read_http_settings(root.section("http"), 8083);
  settings.broker = read_broker_settings(root.section("broker"));
  settings.consume = read_consume(root.section("consume"), settings.broker);
  settings.redis = read_redis(root.section("redis"));
  settings.access = read_access_settings(root, true);
  settings.sessions = read_session_settings(root, kinds);
  settings.lookups = read_lookup_settings(root.section("lookups"));
  settings.reactions = read_reaction_settings(root, kinds);
  return settings;
}

}  // namespace comporta
