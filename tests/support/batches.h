#pragma once
// Batch ids, names and bodies as the gateway would make them, the same in every run.

#include <array>
#include <cstdint>
#include <string>

#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/broker/message.h"

namespace comporta::test {

/// 2026-11-22T14:03:05.123Z
inline constexpr WallClock::time_point kSomeTime{std::chrono::milliseconds(1'795'356'185'123)};

/// The `number`th batch after kSomeTime, a millisecond after the one before.
inline std::string batch_id(std::uint8_t number) {
  return uuid_v7_from(kSomeTime + std::chrono::milliseconds(number), std::array<std::uint8_t, 16>{number});
}

inline std::string batch_name(const std::string& kind, std::uint8_t number) {
  return object_name(kind, batch_id(number)).value();
}

inline std::string part_line(const std::string& upload, const std::string& records) {
  PartHeader header;
  header.upload = upload;
  header.received = rfc3339(kSomeTime);
  std::string line;
  append_part_line(line, header, records);
  return line;
}

}  // namespace comporta::test
