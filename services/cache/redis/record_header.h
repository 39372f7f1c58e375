#pragma once
// What stands before the JSON of a cached record whose family has views (prelude/records.lua reads it):
// arrival and event time in milliseconds, 16 characters each, blank if there is none; batch and upload, 36
// each; if the views compare, the first 32 hexadecimal digits of the SHA-256 of what they compare; a
// semicolon and the number of the part. Of a deletion there is nothing behind it.

#include <compare>
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
  RecordHeader(const Group& group, const Part& part, std::string_view batch);
  /// `fingerprint` of kFingerprintBytes, or empty. Good until the next call.
  std::string_view of_record(std::optional<std::int64_t> event_time_ms, std::string_view fingerprint);

 private:
  std::string text_;
  std::string part_;
};

/// Which of two records came first: the order of arrival, docs/KINDS.md, "What is older".
struct Place {
  std::int64_t arrival_ms = 0;
  std::string_view upload = {};
  std::size_t part = 0;
  auto operator<=>(const Place&) const = default;
};

Place place_of(const Group& group, const Part& part);
/// Of a cached text; the least if it has no header.
Place place_in(std::string_view cached);

/// Whether the cached text is that of a deletion.
bool is_deletion(std::string_view cached);

/// When the record of a cached text arrived (ms); nothing if it has no header.
std::optional<std::int64_t> arrival_in(std::string_view cached);

/// Its fingerprint; empty if it has none.
std::string_view fingerprint_in(std::string_view cached);

/// The JSON of a cached text, with or without a header.
std::string_view without_header(std::string_view cached);

}  // namespace comporta
