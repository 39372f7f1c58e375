#include "common/config/settings.h"

#include <algorithm>
#include <string>

#include "common/broker/connection.h"
#include "common/config/addresses.h"

namespace comporta {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kTiB = std::size_t{1} << 40;

bool is_prefix(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), allowed);
}

std::chrono::milliseconds read_heartbeat(const Section& section, std::chrono::milliseconds fallback) {
  using namespace std::chrono_literals;
  // The loops look after a connection every second, and four times per heartbeat is what it takes.
  const auto heartbeat = section.duration("heartbeat", {.fallback = fallback, .min = 4s, .max = 60s});
  if (heartbeat % 1s != 0ms) section.fault("heartbeat", "must be whole seconds");
  return heartbeat;
}

}  // namespace

BrokerSettings read_broker_settings(const Section& section) {
  using namespace std::chrono_literals;
  BrokerSettings settings;
  settings.host = section.text("host", settings.host);
  settings.port =
      static_cast<std::uint16_t>(section.count("port", {.fallback = settings.port, .min = 1, .max = 65'535}));
  if (parse_addresses(settings.host, settings.port).empty()) {
    section.fault("host", "expected a host, or several with commas and without blanks: a,b,c:5673");
  }
  settings.vhost = section.text("vhost", settings.vhost);
  settings.user = section.text("user", settings.user);
  settings.password = section.secret("password", settings.password);
  settings.heartbeat = read_heartbeat(section, settings.heartbeat);
  settings.connect_timeout =
      section.duration("connect_timeout", {.fallback = settings.connect_timeout, .min = 100ms, .max = 60s});
  settings.queue_type = section.choice("queue_type", settings.queue_type, {"quorum", "classic"});
  settings.queue_max_bytes =
      section.bytes("queue_max_bytes", {.fallback = settings.queue_max_bytes, .min = kMiB, .max = kTiB});
  settings.delivery_limit = static_cast<int>(
      section.count("delivery_limit", {.fallback = settings.delivery_limit, .min = 20, .max = 1'000'000}));
  settings.prefix = section.text("prefix", settings.prefix);
  if (!is_prefix(settings.prefix)) {
    section.fault("prefix", "must be 1 to 64 of a-z, 0-9, hyphen, underscore and full stop");
  }
  return settings;
}

}  // namespace comporta
