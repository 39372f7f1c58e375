#include "common/base/uuid.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/random.h"

namespace comporta {
namespace {

constexpr std::size_t kTextLength = 36;

bool is_hyphen_place(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

bool is_lower_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_canonical(std::string_view text) {
  if (text.size() != kTextLength) return false;
  for (std::size_t i = 0; i < kTextLength; ++i) {
    if (is_hyphen_place(i) ? text[i] != '-' : !is_lower_hex(text[i])) return false;
  }
  return true;
}

std::string format(std::span<const std::uint8_t, 16> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kTextLength, '-');
  std::size_t place = 0;
  for (const std::uint8_t byte : bytes) {
    if (is_hyphen_place(place)) ++place;
    text[place++] = kDigits[byte >> 4];
    text[place++] = kDigits[byte & 0xF];
  }
  return text;
}

using Bytes = std::array<std::uint8_t, 16>;

std::string with_version(Bytes uuid, unsigned version) {
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0FU) | (version << 4U));
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3FU) | 0x80U);
  return format(uuid);
}

}  // namespace

std::string new_uuid_v7(WallClock::time_point now) {
  std::array<std::uint8_t, 16> bytes;
  random_bytes(bytes);
  return uuid_v7_from(now, bytes);
}

std::string UuidV7Sequence::next(WallClock::time_point now) {
  constexpr unsigned kMost = 1U << 12;  // RFC 9562 6.2, method 1: a counter in the 12 bits behind the time
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
  if (ms > last_ms_ || count_ == kMost) {
    last_ms_ = std::max(ms, last_ms_ + 1);
    count_ = 0;
  }
  std::array<std::uint8_t, 16> bytes;
  random_bytes(bytes);
  bytes[6] = static_cast<std::uint8_t>(count_ >> 8);
  bytes[7] = static_cast<std::uint8_t>(count_);
  ++count_;
  return uuid_v7_from(WallClock::time_point{std::chrono::milliseconds(last_ms_)}, bytes);
}

std::string uuid_v7_from(WallClock::time_point time, std::span<const std::uint8_t, 16> bytes) {
  Bytes uuid;
  std::copy(bytes.begin(), bytes.end(), uuid.begin());
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  for (std::size_t i = 0; i < 6; ++i) uuid[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  return with_version(uuid, 7);
}

std::string uuid_v8_from(std::span<const std::uint8_t, 16> bytes) {
  Bytes uuid;
  std::copy(bytes.begin(), bytes.end(), uuid.begin());
  return with_version(uuid, 8);
}

bool is_uuid_v7(std::string_view text) {
  if (!is_canonical(text)) return false;
  const char variant = text[19];
  return text[14] == '7' && (variant == '8' || variant == '9' || variant == 'a' || variant == 'b');
}

std::optional<std::string> canonical_uuid(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c; });
  return is_canonical(lower) ? std::optional(std::move(lower)) : std::nullopt;
}

std::optional<WallClock::time_point> uuid_v7_time(std::string_view text) {
  if (!is_uuid_v7(text)) return std::nullopt;
  std::int64_t ms = 0;
  for (const char c : text.substr(0, 13)) {
    if (c == '-') continue;
    ms = ms << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
  }
  const std::chrono::milliseconds time{ms};
  if (time > std::chrono::floor<std::chrono::milliseconds>(WallClock::duration::max())) return std::nullopt;
  return WallClock::time_point{time};
}

}  // namespace comporta
