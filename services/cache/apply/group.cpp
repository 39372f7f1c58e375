#include "services/cache/apply/group.h"

#include <algorithm>

#include "common/broker/message.h"

namespace comporta {

std::optional<std::chrono::milliseconds> time_left(const Part& part, WallClock::time_point now) {
  using std::chrono::milliseconds;
  const milliseconds ttl = part.kind->ttl;
  if (ttl.count() == 0) return std::nullopt;
  const auto age = std::chrono::floor<milliseconds>(now.time_since_epoch()) - milliseconds(part.received_ms);
  return std::min(ttl, ttl - age);
}

void Group::clear() {
  text.clear();
  batches.clear();
  parts.clear();
  records.clear();
}

Slice Group::add_text(std::string_view piece) {
  const auto begin = static_cast<std::uint32_t>(text.size());
  text += piece;
  return {begin, static_cast<std::uint32_t>(piece.size())};
}

void Group::add_batch(std::string_view id) {
  batches.push_back({.id = add_text(id), .first_part = parts.size(), .part_count = 0});
}

void Group::add_part(const Part& part) {
  parts.push_back(part);
  ++batches.back().part_count;
}

void Group::add_unfit_line(std::string_view line, std::string_view reason) {
  std::vector<UnfitLine>& unfit = batches.back().unfit;
  if (unfit.size() < kUnfitLinesRemembered)
    unfit.push_back({add_text(part_mark(line).value_or("")), add_text(reason)});
}

std::span<const Part> Group::parts_of(const Batch& batch) const {
  return std::span(parts).subspan(batch.first_part, batch.part_count);
}

std::span<const Record> Group::records_of(const Part& part) const {
  return std::span(records).subspan(part.first_record, part.record_count);
}

}  // namespace comporta
