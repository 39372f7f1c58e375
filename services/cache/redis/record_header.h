#pragma once
// What stands before the JSON of a cached record whose family has views (prelude/records.lua reads it):
// arrival and event time in milliseconds, 16 characters each, blank if there is none; batch and upload, 36
// each; if the views compare, the first 32 hexadecimal digits of the SHA-256 of what they compare.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/cache/apply/group.h"

namespace comporta {

/// Of all records of a part but for what is each one's own. Both ids are UUIDs.
class RecordHeader {
 public:
  RecordHeader(std::int64_t arrival_ms, std::string_view batch, std::string_view upload);
  /// `fingerprint` of kFingerprintBytes, or empty. Good until the next call.
  std::string_view of_record(std::optional<std::int64_t> event_time_ms, std::string_view fingerprint);

 private:
  std::string text_;
};

/// When the record of a cached text arrived (ms); nothing if it has no header.
std::optional<std::int64_t> arrival_in(std::string_view cached);

/// Its fingerprint; empty if it has none.
std::string_view fingerprint_in(std::string_view cached);

/// The JSON of a cached text, with or without a header.
std::string_view without_header(std::string_view cached);

}  // namespace comporta
