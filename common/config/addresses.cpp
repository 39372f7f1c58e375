#include "common/config/addresses.h"

#include <charconv>
#include <optional>
#include <utility>

namespace comporta {
namespace {

std::optional<Address> parse_address(std::string_view text, std::uint16_t default_port) {
  Address address{std::string(text), default_port};
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

std::string text_of(const Address& address) {
  return address.host + ":" + std::to_string(address.port);
}

std::vector<Address> parse_addresses(std::string_view text, std::uint16_t default_port) {
  std::vector<Address> addresses;
  for (;;) {
    const std::size_t comma = text.find(',');
    auto address = parse_address(text.substr(0, comma), default_port);
    if (!address) return {};
    addresses.push_back(std::move(*address));
    if (comma == std::string_view::npos) return addresses;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace comporta
