#include "services/cache/redis/settled_parts.h"

#include "services/cache/apply/key_names.h"
#include "services/cache/redis/latest_entry.h"
#include "services/cache/redis/record_header.h"

namespace comporta {

/// As commit_records() of prelude/records.lua does.
void SettledParts::keep(const Part& part, std::string_view batch) {
  views_.note_kept(part, batch);
  RecordHeader header(group_, part, batch);
  std::string key = record_key_start(prefix_, part.kind->name);
  const std::size_t start = key.size();
  const auto ttl = static_cast<std::size_t>(part.kind->ttl.count());
  for (std::size_t i = part.first_record; i < part.first_record + part.record_count; ++i) {
    if (!settled_[i]) continue;
    const Record& record = group_.records[i];
    key.resize(start);
    key += group_.at(record.key);
    const std::string_view above = header.of_record(record.event_time_ms, group_.at(record.fingerprint));
    const std::string_view value = group_.folded_and_value(record);
    commands_.command(ttl > 0 ? 5 : 3).argument("SET").argument(key).argument(above, value);
    views_.note_kept(key, above, value);
    if (ttl > 0) commands_.argument("EX").argument(ttl);
  }
}

void SettledParts::tell(const Kind& kind) {
  const auto untold = untold_.extract(&kind);
  if (!untold) return;
  const std::string views = view_key_start(prefix_, kind.name);
  const std::vector<std::string> entries = latest_entries(untold.mapped());
  commands_.command(2 + entries.size()).argument("LPUSH").argument(views, "latest");
  for (const std::string& entry : entries) commands_.argument(entry);
  const std::span<const Added> shown = std::span(untold.mapped()).last(entries.size());
  const std::size_t kept = count_records(shown) < kRecent ? kRecent : entries.size();
  commands_.command(4).argument("LTRIM").argument(views, "latest").argument("0").argument(kept - 1);
  commands_.command(4).argument("HINCRBY").argument(views, "counters");
  commands_.argument("records").argument(count_records(untold.mapped()));
}

void SettledParts::tell_all() {
  while (!untold_.empty()) tell(*untold_.begin()->first);
}

std::size_t SettledParts::count_records(std::span<const Added> parts) {
  std::size_t records = 0;
  for (const Added& added : parts) records += added.part->record_count;
  return records;
}

/// Of the last parts only, as many as are in sight.
std::vector<std::string> SettledParts::latest_entries(const AddedParts& parts) const {
  std::size_t first = parts.size();
  for (std::size_t in_sight = 0; first > 0 && in_sight < kRecent;)
    in_sight += parts[--first].part->record_count;
  std::vector<std::string> entries;
  for (; first < parts.size(); ++first)
    entries.push_back(
        latest_entry_start(group_, *parts[first].part, parts[first].batch).append(kNothingSpecial));
  return entries;
}

}  // namespace comporta
