#include "common/config/settings.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "common/broker/connection.h"

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

/// `host` or `host:port`; nothing if it is neither. Colons in the host: an IPv6 address, without a port.
std::optional<BrokerAddress> parse_address(std::string_view text, std::uint16_t default_port) {
  BrokerAddress address{std::string(text), default_port};
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    address.host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc() || end != port.data() + port.size() || address.port == 0) return std::nullopt;
  }
  if (address.host.empty() || address.host.find(' ') != std::string::npos) return std::nullopt;
  return address;
}

}  // namespace

std::vector<BrokerAddress> broker_addresses(const BrokerSettings& settings) {
  std::vector<BrokerAddress> addresses;
  std::string_view rest = settings.host;
  for (;;) {
    const std::size_t comma = rest.find(',');
    auto address = parse_address(rest.substr(0, comma), settings.port);
    if (!address) return {};
    addresses.push_back(std::move(*address));
    if (comma == std::string_view::npos) return addresses;
    rest.remove_prefix(comma + 1);
  }
}

BrokerSettings read_broker_settings(const Section& section) {
  using namespace std::chrono_literals;
  BrokerSettings settings;
  settings.host = section.text("host", settings.host);
  settings.port =
      static_cast<std::uint16_t>(section.count("port", {.fallback = settings.port, .min = 1, .max = 65'535}));
  if (broker_addresses(settings).empty()) {
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
