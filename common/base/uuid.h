#pragma once
// UUIDs of version 7 (RFC 9562 5.7): the first 48 bits are the Unix time in milliseconds, so that
// names made from them sort by time. Always 36 lower-case characters here.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace comporta {

using WallClock = std::chrono::system_clock;

/// A new one; unique over all processes (74 random bits from the operating system). Any thread.
std::string new_uuid_v7(WallClock::time_point now = WallClock::now());

/// New ones, each greater than the one before, also within a millisecond and when the clock is set back: what
/// is named after them sorts by their order. Unique over all processes (62 random bits). One thread.
class UuidV7Sequence {
 public:
  std::string next(WallClock::time_point now = WallClock::now());

 private:
  std::int64_t last_ms_ = 0;
  unsigned count_ = 0;  ///< given out in that millisecond
};

/// The one that these 16 bytes and this time always give: version and variant bits are set.
std::string uuid_v7_from(WallClock::time_point time, std::span<const std::uint8_t, 16> bytes);

/// The one of version 8 that these 16 bytes always give: what is made from other things, and knows no time.
std::string uuid_v8_from(std::span<const std::uint8_t, 16> bytes);

/// Exactly 36 characters, lower case, version 7, variant 10.
bool is_uuid_v7(std::string_view text);

/// A UUID of any version, in upper, lower or mixed case, as RFC 9562 writes it: in lower case. Nothing if it
/// is none.
std::optional<std::string> canonical_uuid(std::string_view text);

/// The time in it; nothing if it is not one, or its time is later than the clock can say (in 2262).
std::optional<WallClock::time_point> uuid_v7_time(std::string_view text);

}  // namespace comporta
