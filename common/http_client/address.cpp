#include "common/http_client/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "common/base/error.h"

namespace comporta {
namespace {

using Bytes = std::array<std::uint8_t, 16>;  ///< of an IPv4 address the first four

struct Block {
  const char* first;
  int bits;
};

constexpr Block kSpecial4[] = {
    {"0.0.0.0", 8},     {"10.0.0.0", 8},      {"100.64.0.0", 10},  {"127.0.0.0", 8},    {"169.254.0.0", 16},
    {"172.16.0.0", 12}, {"192.0.0.0", 24},    {"192.0.2.0", 24},   {"192.88.99.0", 24}, {"192.168.0.0", 16},
    {"198.18.0.0", 15}, {"198.51.100.0", 24}, {"203.0.113.0", 24}, {"224.0.0.0", 4},    {"240.0.0.0", 4},
};
/// All that is given out to anybody.
constexpr Block kGlobal6{"2000::", 3};
/// Teredo and 6to4, which lead to IPv4 addresses, are among them.
constexpr Block kSpecial6[] = {{"2001::", 23}, {"2001:db8::", 32}, {"2002::", 16}, {"3fff::", 20}};

bool is_in(const Bytes& address, const Block& block, int family) {
  Bytes first{};
  check(::inet_pton(family, block.first, first.data()) == 1, "the blocks are addresses");
  const auto whole = static_cast<std::size_t>(block.bits / 8);
  const int rest = block.bits % 8;
  if (!std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(whole), address.begin()))
    return false;
  return rest == 0 || (address[whole] >> (8 - rest)) == (first[whole] >> (8 - rest));
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  Bytes bytes{};
  const auto holds = [&](int family) {
    return [&bytes, family](const Block& block) { return is_in(bytes, block, family); };
  };
  if (address.sa_family == AF_INET) {
    sockaddr_in known{};
    std::memcpy(&known, &address, sizeof known);
    std::memcpy(bytes.data(), &known.sin_addr, sizeof known.sin_addr);
    return std::ranges::none_of(kSpecial4, holds(AF_INET));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 known{};
  std::memcpy(&known, &address, sizeof known);
  std::memcpy(bytes.data(), &known.sin6_addr, sizeof known.sin6_addr);
  return is_in(bytes, kGlobal6, AF_INET6) && std::ranges::none_of(kSpecial6, holds(AF_INET6));
}

}  // namespace comporta
