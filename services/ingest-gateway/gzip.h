#pragma once
// Reading gzip (RFC 1952). The only place that knows zlib.

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/lease.h"

namespace comporta::gateway {

enum class GzipFault {
  kMalformed,  ///< not gzip, cut short, a wrong checksum, or followed by something else
  kTooLarge,
  kNoRoom,
};

/// The content of all members, if it has at most `max_bytes`; never holds more than that.
std::variant<std::string, GzipFault> gunzip(std::string_view compressed, std::size_t max_bytes,
                                            const MayHold& may_hold);

}  // namespace comporta::gateway
