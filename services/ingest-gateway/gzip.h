#pragma once
// Reading gzip (RFC 1952). The only place that knows zlib.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace comporta::gateway {

enum class GzipFault {
  kMalformed,  ///< not gzip, cut short, a wrong checksum, or followed by something else
  kTooLarge,
  kNoRoom,
};

/// Asked before so many bytes are held, and each time before they become more. False: they may not be.
using MayHold = std::function<bool(std::size_t bytes)>;

/// The content of all members, if it has at most `max_bytes`; never holds more than that.
std::variant<std::string, GzipFault> gunzip(std::string_view compressed, std::size_t max_bytes,
                                            const MayHold& may_hold);

}  // namespace comporta::gateway
