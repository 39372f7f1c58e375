// Apart from server.cpp, which alone knows Pistache.

#include "common/config/settings.h"

#include <arpa/inet.h>

#include "common/http/server.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

bool is_ipv4(const std::string& text) {
  in_addr address;
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

}  // namespace

HttpSettings read_http_settings(const Section& section, std::uint16_t default_port) {
  const HttpSettings defaults;
  const auto time = [&](std::string_view key, std::chrono::milliseconds fallback) {
    return section.duration(key, {.fallback = fallback, .min = 100ms, .max = 1h});
  };
  HttpSettings read;
  read.address = section.text("address", defaults.address);
  if (!is_ipv4(read.address)) {
    section.fault("address", "expected an IPv4 address, such as 127.0.0.1, or 0.0.0.0 for all of the host's");
  }
  read.port = static_cast<std::uint16_t>(section.count("port", {default_port, 0, 65'535}));
  read.threads = static_cast<int>(section.count("threads", {defaults.threads, 1, 64}));
  read.max_connections =
      static_cast<int>(section.count("max_connections", {defaults.max_connections, 1, 100'000}));
  read.max_buffered_bytes = section.bytes(
      "max_buffered", {defaults.max_buffered_bytes, std::size_t{1} << 20, std::size_t{64} << 30});
  read.header_timeout = time("header_timeout", defaults.header_timeout);
  read.body_timeout = time("body_timeout", defaults.body_timeout);
  read.write_timeout = time("write_timeout", defaults.write_timeout);
  read.idle_timeout = time("idle_timeout", defaults.idle_timeout);
  read.answer_timeout = time("answer_timeout", defaults.answer_timeout);
  read.leave_time =
      section.duration("leave_time", {.fallback = defaults.leave_time, .min = 0ms, .max = 10min});
  return read;
}

}  // namespace comporta
