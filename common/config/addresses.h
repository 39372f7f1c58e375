#pragma once
// Where servers are, as a setting says.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

struct Address {
  std::string host;
  std::uint16_t port;
  friend bool operator==(const Address&, const Address&) = default;
};

/// `host:port`, for people.
std::string text_of(const Address& address);

/// `a,b,c:5673`: hosts with commas and without blanks, with a port where it is another one. Colons in a host:
/// an IPv6 address, without a port. Empty if it is not so.
std::vector<Address> parse_addresses(std::string_view text, std::uint16_t default_port);

}  // namespace comporta
