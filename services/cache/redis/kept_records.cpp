#include "services/cache/redis/kept_records.h"

#include "services/cache/apply/key_names.h"
#include "services/cache/redis/record_header.h"

namespace comporta {

void KeptRecords::begin(const Group& group, const std::vector<bool>& settled) {
  clear();
  group_ = &group;
  settled_ = &settled;
}

void KeptRecords::clear() {
  kinds_.clear();
}

void KeptRecords::add(const Part& part, std::string_view batch) {
  auto at = kinds_.find(part.kind);
  if (at == kinds_.end())
    at = kinds_.emplace(part.kind, OfKind{record_key_start(prefix_, part.kind->name)}).first;
  at->second.parts.push_back({&part, batch});
}

void KeptRecords::list(OfKind& kind) const {
  for (; kind.listed < kind.parts.size(); ++kind.listed) {
    const Part& part = *kind.parts[kind.listed].part;
    for (std::size_t i = part.first_record; i < part.first_record + part.record_count; ++i)
      if ((*settled_)[i])
        kind.records.insert_or_assign(group_->at(group_->records[i].key), OfKind::Record{kind.listed, i});
  }
}

std::optional<std::string> KeptRecords::find(std::string_view key) {
  for (auto& [name, kind] : kinds_) {
    if (!key.starts_with(kind.start)) continue;
    list(kind);
    const auto at = kind.records.find(key.substr(kind.start.size()));
    if (at == kind.records.end()) return std::nullopt;
    const auto& [part, batch] = kind.parts[at->second.part];
    const Record& record = group_->records[at->second.record];
    RecordHeader header(*group_, *part, batch);
    std::string text(header.of_record(record.event_time_ms, group_->at(record.fingerprint)));
    return text.append(group_->folded_and_value(record));
  }
  return std::nullopt;
}

}  // namespace comporta
