#include "common/telemetry/trace.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

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

/// What is drawn is zero, which is no id, as good as never.
template <std::size_t kBytes>
std::string random_id() {
  std::array<std::uint8_t, kBytes> bytes{};
  do random_bytes(bytes);
  while (std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; }));
  return to_hex(bytes);
}

/// Drawn anew, and not taken from an id that somebody outside may have chosen.
bool draw(double ratio) {
  if (ratio <= 0) return false;
  std::array<std::uint8_t, sizeof(std::uint32_t)> bytes{};
  random_bytes(bytes);
  return std::bit_cast<std::uint32_t>(bytes) < ratio * 0x1p32;
}

// Only the lowest bit, "sampled", has a meaning at level 1; the others must be sent as zero.
bool has_sampled_flag(std::string_view traceparent) {
  return std::string_view("13579bdf").find(traceparent[kFlagsAt + 1]) != std::string_view::npos;
}

}  // namespace

std::string continue_trace(std::string_view traceparent, const Sampling& sampling) {
  const std::string_view known = trace_id(traceparent);
  const std::string trace = known.empty() ? random_id<kTraceLength / 2>() : std::string(known);
  const bool is_decided = !known.empty() && sampling.callers_decide;
  const bool sampled = is_decided ? has_sampled_flag(traceparent) : draw(sampling.ratio);
  return "00-" + trace + '-' + new_span_id() + (sampled ? "-01" : "-00");
}

std::string_view trace_id(std::string_view traceparent) {
  if (!is_well_formed(traceparent)) return {};
  return traceparent.substr(kTraceAt, kTraceLength);
}

std::string_view span_id(std::string_view traceparent) {
  if (!is_well_formed(traceparent)) return {};
  return traceparent.substr(kParentAt, kParentLength);
}

std::string new_span_id() {
  return random_id<kParentLength / 2>();
}

}  // namespace comporta
