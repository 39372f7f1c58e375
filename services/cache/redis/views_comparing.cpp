// What of a group the views need not be asked about (views.h).

#include <map>
#include <memory_resource>
#include <unordered_map>
#include <utility>

#include "services/cache/apply/key_names.h"
#include "services/cache/redis/record_header.h"
#include "services/cache/redis/views.h"

namespace comporta {
namespace {

/// Keys of one kind's records, made in one place.
class RecordKey {
 public:
  RecordKey(std::string_view prefix, const Kind& kind)
      : text_(record_key_start(prefix, kind.name)), start_size_(text_.size()) {}
  std::string_view start() const { return std::string_view(text_).substr(0, start_size_); }
  /// Good until the next call.
  std::string_view of(std::string_view key) {
    text_.resize(start_size_);
    return text_ += key;
  }

 private:
  std::string text_;
  std::size_t start_size_;
};

/// `before` is what the cache holds, nil if there is nothing.
bool is_settled(const Group& group, const Part& part, const Record& record, const RedisValue& before) {
  if (before.is_nil()) return true;
  const std::string_view text = before.text();
  if (place_of(group, part) < place_in(text)) return false;
  return is_deletion(text) || fingerprint_in(text) == group.at(record.fingerprint);
}

/// Nothing: of the same moment, so that only what the cache holds tells which came first.
std::optional<bool> is_settled(const Group& group, const Part& part, const Record& record,
                               const RecentRecords::Written& before) {
  if (before.arrival_ms == part.received_ms) return std::nullopt;
  return before.arrival_ms < part.received_ms && before.fingerprint == group.at(record.fingerprint);
}

/// The records of a kind whose key has come before in the same group: they are compared with that one. A
/// deletion is never settled.
class Repeats {
 public:
  Repeats(const Group& group, std::vector<bool>& settled) : group_(group), settled_(settled) {
    last_.reserve(group.records.size());
  }

  /// Whether the key has come before; then it is known whether the record is settled. Behind one that is not,
  /// none is: nobody knows yet what becomes of the first.
  bool settle(const Part& part, std::size_t index) {
    const Earlier record{index, &part};
    const auto [at, is_first] = last_.try_emplace(group_.at(group_.records[index].key), record);
    if (is_first) return false;
    const auto [earlier, of_part] = std::exchange(at->second, record);
    settled_[index] =
        settled_[earlier] && !part.deletes && place_of(group_, *of_part) <= place_of(group_, part) &&
        group_.at(group_.records[earlier].fingerprint) == group_.at(group_.records[index].fingerprint);
    return true;
  }

 private:
  struct Earlier {
    std::size_t record;
    const Part* part;
  };

  const Group& group_;
  std::vector<bool>& settled_;
  std::pmr::monotonic_buffer_resource memory_;  // which takes nothing back until the end
  std::pmr::unordered_map<std::string_view, Earlier> last_{&memory_};
};

}  // namespace

bool RedisViews::is_of_comparing_kind(const Part& part) const {
  return serve(*part.kind) && !part.kind->views.compares.empty();
}

bool RedisViews::compares(const Part& part) const {
  return is_of_comparing_kind(part) && !part.deletes;
}

Foreknown RedisViews::add_comparisons(RedisCommands& commands, const Group& group,
                                      const RecentRecords& recent) const {
  Foreknown foreknown(group.records.size());
  for (const Part& part : group.parts) {
    if (!compares(part)) continue;
    RecordKey key(prefix_, *part.kind);
    const auto first = foreknown.begin() + static_cast<std::ptrdiff_t>(part.first_record);
    std::size_t asked = 0;
    for (std::size_t i = 0; i < part.record_count; ++i) {
      const Record& record = group.records_of(part)[i];
      if (const auto before = recent.find(key.of(group.at(record.key))))
        first[static_cast<std::ptrdiff_t>(i)] = is_settled(group, part, record, *before);
      if (!first[static_cast<std::ptrdiff_t>(i)]) ++asked;
    }
    if (asked == 0) continue;
    commands.command(1 + asked).argument("MGET");
    for (std::size_t i = 0; i < part.record_count; ++i)
      if (!foreknown[part.first_record + i])
        commands.argument(key.start(), group.at(group.records_of(part)[i].key));
  }
  return foreknown;
}

std::vector<bool> RedisViews::receive_comparisons(RedisConnection& connection, const Group& group,
                                                  const Foreknown& foreknown) {
  std::vector<bool> settled(group.records.size());
  std::map<const Kind*, Repeats> repeats;
  for (const Part& part : group.parts) {
    if (!is_of_comparing_kind(part)) continue;
    Repeats& of_kind = repeats.try_emplace(part.kind, group, settled).first->second;
    RecordKey key(prefix_, *part.kind);
    std::optional<RedisReply> befores;
    std::size_t asked = 0;
    for (std::size_t i = part.first_record; i < part.first_record + part.record_count; ++i) {
      const bool is_asked = !part.deletes && !foreknown[i];
      if (is_asked && !befores) befores = connection.receive();
      const std::size_t answer = is_asked ? asked++ : 0;
      if (of_kind.settle(part, i) || part.deletes) continue;
      if (foreknown[i]) {
        settled[i] = *foreknown[i];
        continue;
      }
      const RedisValue before = (*befores)[answer];
      settled[i] = is_settled(group, part, group.records[i], before);
      if (!settled[i]) data_.know_text(key.of(group.at(group.records[i].key)), before.text());
    }
  }
  return settled;
}

void RedisViews::note_written(RecentRecords& recent, const Group& group, const std::vector<PartResult>& parts,
                              const std::vector<bool>& settled) const {
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const Part& part = group.parts[p];
    if (parts[p].outcome != PartOutcome::kApplied || !is_of_comparing_kind(part)) continue;
    RecordKey key(prefix_, *part.kind);
    for (std::size_t i = part.first_record; i < part.first_record + part.record_count; ++i) {
      const Record& record = group.records[i];
      const std::string_view full_key = key.of(group.at(record.key));
      if (settled[i])
        recent.put(full_key, group.at(record.fingerprint), part.received_ms);
      else
        recent.forget(full_key);
    }
  }
}

}  // namespace comporta
