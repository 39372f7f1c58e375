#pragma once
// Which addresses are out in the Internet. Pure.

#include <sys/socket.h>

namespace comporta {

/// Whether anybody on the Internet may be reached there: not this machine, its network, a group of machines,
/// or a documented example, nor an IPv6 address in which an IPv4 one is hidden (mapped, translated or
/// tunnelled). After IANA's registries of special-purpose addresses (RFC 6890).
bool is_public_address(const sockaddr& address);

}  // namespace comporta
