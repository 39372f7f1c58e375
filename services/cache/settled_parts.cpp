#include "services/cache/settled_parts.h"

#include <algorithm>

#include "common/text.h"
#include "services/cache/record_header.h"
#include "services/cache/redis_keys.h"

namespace comporta {
namespace {

constexpr std::size_t kRecent = 100;  // RECENT of prelude/part.lua

}  // namespace

/// As keep_record() of prelude/records.lua does.
void SettledParts::add(const Part& part, std::string_view batch) {
  RecordHeader header(part.received_ms, batch, group_.at(part.upload));
  const std::string key_start = record_key_start(prefix_, part.kind->name);
  const auto ttl = static_cast<std::size_t>(part.kind->ttl.count());
  for (const Record& record : group_.records_of(part)) {
    commands_.command(ttl > 0 ? 5 : 3).argument("SET").argument(key_start, group_.at(record.key));
    commands_.argument(header.of_record(record.event_time_ms, group_.at(record.fingerprint)),
                       group_.at(record.value));
    if (ttl > 0) commands_.argument("EX").argument(ttl);
  }
  untold_[part.kind].push_back({&part, batch});
}

void SettledParts::tell(const Kind& kind) {
  const auto untold = untold_.extract(&kind);
  if (!untold) return;
  add_latest(kind, untold.mapped());
  add_counters(kind, untold.mapped());
}

void SettledParts::tell_all() {
  while (!untold_.empty()) tell(*untold_.begin()->first);
}

/// Only the last parts, as many as are in sight; what these leave no room for is cut off.
void SettledParts::add_latest(const Kind& kind, const AddedParts& parts) {
  std::size_t first = parts.size();
  std::size_t in_sight = 0;
  while (first > 0 && in_sight < kRecent) in_sight += parts[--first].part->record_count;
  const std::string list = view_key_start(prefix_, kind.name) + "latest";
  commands_.command(2 + parts.size() - first).argument("LPUSH").argument(list);
  for (std::size_t i = first; i < parts.size(); ++i) commands_.argument(latest_entry(parts[i]));
  const std::size_t kept = in_sight < kRecent ? kRecent : parts.size() - first;
  commands_.command(4).argument("LTRIM").argument(list).argument("0").argument(kept - 1);
}

void SettledParts::add_counters(const Kind& kind, const AddedParts& parts) {
  std::size_t records = 0;
  for (const Added& added : parts) records += added.part->record_count;
  commands_.command(4).argument("HINCRBY").argument(view_key_start(prefix_, kind.name), "counters");
  commands_.argument("records").argument(records);
}

/// What commit_latest() of prelude/part.lua writes, too, and own.recent() of prelude/queries.lua reads.
std::string SettledParts::latest_entry(const Added& added) const {
  const auto records = group_.records_of(*added.part);
  std::string keys;
  for (const Record& record : records.last(std::min(records.size(), kRecent))) {
    if (!keys.empty()) keys += ',';
    append_json_string(keys, group_.at(record.key));
  }
  return R"({"arrival":)" + std::to_string(added.part->received_ms) + R"(,"batch":)" +
         json_string(added.batch) + R"(,"upload":)" + json_string(group_.at(added.part->upload)) +
         R"(,"keys":[)" + keys + R"(],"outcomes":{},"flags":{}})";
}

}  // namespace comporta
