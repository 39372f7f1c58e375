#include "services/cache/redis/group_writer.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "services/cache/apply/key_names.h"
#include "services/cache/redis/applied_entry.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;

/// A day from its arrival: a replay tells nothing of what is long past.
milliseconds outcome_left(const Part& part, WallClock::time_point now) {
  constexpr milliseconds kDay = std::chrono::hours(24);
  const auto age = std::chrono::floor<milliseconds>(now.time_since_epoch()) - milliseconds(part.received_ms);
  return std::min(kDay, kDay - age);
}

std::string_view kind_of(const Group& group, const Batch& batch) {
  const auto parts = group.parts_of(batch);
  return parts.empty() ? std::string_view() : parts.front().kind->name;
}

}  // namespace

AppliedMemory::AppliedMemory(std::string_view key_prefix, std::chrono::seconds ttl)
    : prefix(key_prefix),
      applied(prefix + ":applied"),
      order(prefix + ":applied:order"),
      sent_back(prefix + ":sent-back"),
      marks(prefix + ":upload:"),
      mark_ttl(ttl) {}

GroupWriter::GroupWriter(const Group& group, Decision& decision, const std::vector<bool>& settled,
                         RedisViews& views, const AppliedMemory& memory, RedisCommands& commands)
    : group_(group),
      decision_(decision),
      settled_(settled),
      views_(views),
      memory_(memory),
      commands_(commands),
      settled_parts_(memory.prefix, group, settled, views, commands) {}

void GroupWriter::write(WallClock::time_point now, const std::function<void()>& written) {
  now_ = now;
  for (const Batch& batch : group_.batches) {
    for (std::size_t p = batch.first_part; p < batch.first_part + batch.part_count; ++p) {
      if (!is_to_apply(p)) continue;
      add_part(p, group_.at(batch.id));
      written();
    }
  }
  settled_parts_.tell_all();
  add_batches();
  for (const std::string_view family : waiting_families_) has_more_ = views_.wake(family) || has_more_;
}

bool GroupWriter::is_to_apply(std::size_t part) const {
  return decision_.parts[part].outcome == PartOutcome::kApplied;
}

void GroupWriter::add_part(std::size_t index, std::string_view batch) {
  const Part& part = group_.parts[index];
  if (!views_.serve(*part.kind)) {
    add_plain_records(part);
    add_outcome(part);
    return add_mark(part);
  }
  settled_parts_.keep(part, batch);
  if (views_.all_settled(part, settled_)) {
    settled_parts_.add(part, batch);
    add_outcome(part);
    return add_mark(part);
  }
  settled_parts_.tell(*part.kind);
  decision_.parts[index] = views_.apply(group_, part, settled_, batch, outcome_left(part, now_));
  if (is_to_apply(index)) add_mark(part);
  if (views_.may_wait(*part.kind)) waiting_families_.insert(part.kind->family);
}

void GroupWriter::add_plain_records(const Part& part) {
  const auto left = time_left(part, now_);
  if (!part.deletes && left && left->count() <= 0) return;
  const std::string key_start = record_key_start(memory_.prefix, part.kind->name);
  for (const Record& record : group_.records_of(part)) {
    if (part.deletes) {
      commands_.command(2).argument("DEL").argument(key_start, group_.at(record.key));
      continue;
    }
    commands_.command(left ? 5 : 3).argument("SET").argument(key_start, group_.at(record.key));
    commands_.argument(group_.at(record.value));
    if (left) commands_.argument("PX").argument(static_cast<std::size_t>(left->count()));
  }
}

void GroupWriter::add_mark(const Part& part) {
  if (part.digest.size == 0) return;
  commands_.command(5).argument("SET").argument(memory_.marks, group_.at(part.mark));
  commands_.argument(group_.at(part.digest));
  commands_.argument("EX").argument(static_cast<std::size_t>(memory_.mark_ttl.count()));
}

/// Of a part that needs no Lua all is applied; who sent it may ask. As commit_outcome() of
/// prelude/outcomes.lua does.
void GroupWriter::add_outcome(const Part& part) {
  const milliseconds left = outcome_left(part, now_);
  if (part.principal.size == 0 || left.count() <= 0) return;
  const std::string key = outcome_key_start(memory_.prefix) + std::string(group_.at(part.upload));
  commands_.command(8).argument("HSET").argument(key).argument("parts").argument(part.parts);
  commands_.argument("part:", std::to_string(part.number)).argument(part.record_count);
  commands_.argument("principal").argument(group_.at(part.principal));
  commands_.command(3).argument("PEXPIRE").argument(key).argument(static_cast<std::size_t>(left.count()));
}

void GroupWriter::add_batches() {
  for (const std::size_t b : decision_.new_batches) {
    const Batch& batch = group_.batches[b];
    commands_.command(4).argument("HSET").argument(memory_.applied).argument(group_.at(batch.id));
    commands_.argument(entry_of(batch));
    last_batch_ = group_.at(batch.id);
    commands_.command(3).argument("RPUSH").argument(memory_.order).argument(last_batch_);
  }
}

std::string GroupWriter::entry_of(const Batch& batch) const {
  std::string entry =
      applied_entry(rfc3339(now_), count_applied(group_, batch, decision_), kind_of(group_, batch));
  for (const UnfitLine& line : batch.unfit)
    add_parked_part(entry, group_.at(line.mark), group_.at(line.reason));
  for (std::size_t p = batch.first_part; p < batch.first_part + batch.part_count; ++p) {
    const PartResult& result = decision_.parts[p];
    if (result.outcome == PartOutcome::kConflict)
      add_parked_part(entry, group_.at(group_.parts[p].mark), kConflictReason);
    if (result.outcome == PartOutcome::kFailed)
      add_parked_part(entry, group_.at(group_.parts[p].mark), result.reason);
  }
  return entry;
}

}  // namespace comporta
