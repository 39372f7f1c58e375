#include "services/cache/redis/record_header.h"

#include <algorithm>
#include <charconv>

#include "common/base/error.h"

namespace comporta {
namespace {

constexpr std::size_t kTimeBytes = 16;
constexpr std::size_t kLeastBytes = 104;  // without a fingerprint

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

RecordHeader::RecordHeader(std::int64_t arrival_ms, std::string_view batch, std::string_view upload)
    : text_(2 * kTimeBytes, ' ') {
  put_time(text_, 0, arrival_ms);
  text_.append(batch).append(upload);
  check(text_.size() == kLeastBytes, "the header of a record");
}

std::string_view RecordHeader::of_record(std::optional<std::int64_t> event_time_ms,
                                         std::string_view fingerprint) {
  text_.resize(kLeastBytes);
  if (event_time_ms)
    put_time(text_, kTimeBytes, *event_time_ms);
  else
    text_.replace(kTimeBytes, kTimeBytes, kTimeBytes, ' ');
  text_ += fingerprint;
  return text_;
}

std::optional<std::int64_t> arrival_in(std::string_view cached) {
  if (!has_header(cached)) return std::nullopt;
  std::int64_t ms = 0;
  std::from_chars(cached.data(), cached.data() + kTimeBytes, ms);
  return ms;
}

std::string_view fingerprint_in(std::string_view cached) {
  if (!has_header(cached)) return {};
  return cached.substr(kLeastBytes, cached.find_first_of("[{", kLeastBytes) - kLeastBytes);
}

std::string_view without_header(std::string_view cached) {
  return has_header(cached) ? cached.substr(cached.find('{', kLeastBytes)) : cached;
}

}  // namespace comporta
