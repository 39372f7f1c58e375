#include "common/telemetry/trace.h"

#include <algorithm>
#include <array>

#include "common/base/digest.h"
#include "common/base/random.h"

namespace comporta {
namespace {

// version "-" trace id "-" parent id "-" flags
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kTraceLength = 32;
constexpr std::size_t kParentAt = 36;
constexpr std::size_t kParentLength = 16;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kLength = 55;

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_id(std::string_view text) {
  return is_lower_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

// A version that is not yet known may append members, and is otherwise read as version 00 (chapter 3.2.4).
bool is_well_formed(std::string_view text) {
  if (text.size() < kLength) return false;
  const std::string_view version = text.substr(0, 2);
  if (!is_lower_hex(version) || version == "ff") return false;
  if (text.size() > kLength && (version == "00" || text[kLength] != '-')) return false;
  return text[kTraceAt - 1] == '-' && is_id(text.substr(kTraceAt, kTraceLength)) &&
         text[kParentAt - 1] == '-' && is_id(text.substr(kParentAt, kParentLength)) &&
         text[kFlagsAt - 1] == '-' && is_lower_hex(text.substr(kFlagsAt, 2));
}

template <std::size_t kBytes>
std::string random_id() {
  std::array<std::uint8_t, kBytes> bytes;
  random_bytes(bytes);
  return to_hex(bytes);
}

// Only the lowest bit, "sampled", has a meaning at level 1; the others must be sent as zero.
bool is_sampled(std::string_view traceparent) {
  return std::string_view("13579bdf").find(traceparent[kFlagsAt + 1]) != std::string_view::npos;
}

}  // namespace

std::string continue_trace(std::string_view traceparent) {
  const std::string_view known = trace_id(traceparent);
  const std::string trace = known.empty() ? random_id<kTraceLength / 2>() : std::string(known);
  const char* const flags = !known.empty() && is_sampled(traceparent) ? "-01" : "-00";
  return "00-" + trace + '-' + random_id<kParentLength / 2>() + flags;
}

std::string_view trace_id(std::string_view traceparent) {
  if (!is_well_formed(traceparent)) return {};
  return traceparent.substr(kTraceAt, kTraceLength);
}

}  // namespace comporta
