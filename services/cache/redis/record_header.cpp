#include "services/cache/redis/record_header.h"

#include <algorithm>
#include <charconv>

#include "common/base/error.h"

namespace comporta {
namespace {

constexpr std::size_t kTimeBytes = 16;
constexpr std::size_t kLeastBytes = 104;  // without fingerprint and part
constexpr std::size_t kUploadBytes = 36;

/// With zeros in front.
void put_time(std::string& text, std::size_t at, std::int64_t ms) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, ms < 0 ? -ms : ms).ptr;
  const auto size = std::min(static_cast<std::size_t>(end - digits), kTimeBytes);
  text.replace(at, kTimeBytes, kTimeBytes, '0').replace(at + kTimeBytes - size, size, digits, size);
  if (ms < 0) text[at] = '-';
}

bool has_header(std::string_view cached) {
  return !cached.starts_with('{') && cached.size() > kLeastBytes;
}

}  // namespace

RecordHeader::RecordHeader(const Group& group, const Part& part, std::string_view batch)
    : text_(2 * kTimeBytes, ' '), part_(";" + std::to_string(part.number)) {
  put_time(text_, 0, part.received_ms);
  text_.append(batch).append(group.at(part.upload));
  check(text_.size() == kLeastBytes, "the header of a record");
}

std::string_view RecordHeader::of_record(std::optional<std::int64_t> event_time_ms,
                                         std::string_view fingerprint) {
  text_.resize(kLeastBytes);
  if (event_time_ms)
    put_time(text_, kTimeBytes, *event_time_ms);
  else
    text_.replace(kTimeBytes, kTimeBytes, kTimeBytes, ' ');
  return text_.append(fingerprint).append(part_);
}

std::optional<std::int64_t> arrival_in(std::string_view cached) {
  if (!has_header(cached)) return std::nullopt;
  std::int64_t ms = 0;
  std::from_chars(cached.data(), cached.data() + kTimeBytes, ms);
  return ms;
}

std::string_view fingerprint_in(std::string_view cached) {
  if (!has_header(cached)) return {};
  return cached.substr(kLeastBytes, cached.find_first_of(";[{", kLeastBytes) - kLeastBytes);
}

Place place_of(const Group& group, const Part& part) {
  return {part.received_ms, group.at(part.upload), part.number};
}

Place place_in(std::string_view cached) {
  if (!has_header(cached)) return {};
  Place place{arrival_in(cached).value_or(0), cached.substr(kLeastBytes - kUploadBytes, kUploadBytes)};
  const std::size_t behind = cached.find_first_of(";[{", kLeastBytes);
  if (behind != std::string_view::npos && cached[behind] == ';')
    std::from_chars(cached.data() + behind + 1, cached.data() + cached.size(), place.part);
  return place;
}

bool is_deletion(std::string_view cached) {
  return has_header(cached) && cached.find('{', kLeastBytes) == std::string_view::npos;
}

std::string_view without_header(std::string_view cached) {
  return has_header(cached) ? cached.substr(cached.find('{', kLeastBytes)) : cached;
}

}  // namespace comporta
