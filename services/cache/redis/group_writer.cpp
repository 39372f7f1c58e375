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

GroupWriter::GroupWriter(const Group& group, const Decision& decision, const std::vector<bool>& settled,
                         const RedisViews& views, const AppliedMemory& memory, RedisCommands& commands)
    : group_(group),
      decision_(decision),
      settled_(settled),
      views_(views),
      memory_(memory),
      commands_(commands),
      settled_parts_(memory.prefix, group, settled, commands),
      brought_(group.batches.size()) {}

void GroupWriter::write(WallClock::time_point now, const std::function<void()>& written) {
  now_ = now;
  for (std::size_t b = 0; b < group_.batches.size(); ++b) {
    const Batch& batch = group_.batches[b];
    const bool called = needs_call(batch);
    for (std::size_t p = batch.first_part; p < batch.first_part + batch.part_count; ++p) {
      if (!is_to_apply(p)) continue;
      add_part(p, b, called);
      written();
    }
  }
  settled_parts_.tell_all();
  add_batches();
  add_wakings();
}

bool GroupWriter::is_to_apply(std::size_t part) const {
  return decision_.parts[part].outcome == PartOutcome::kApplied;
}

/// `called`: its batch needs a call, which then tells of all its settled parts.
void GroupWriter::add_part(std::size_t index, std::size_t batch, bool called) {
  const Part& part = group_.parts[index];
  if (!views_.serve(*part.kind)) {
    add_plain_records(part);
    add_outcome(part);
    return add_mark(part);
  }
  const std::string_view batch_id = group_.at(group_.batches[batch].id);
  settled_parts_.keep(part, batch_id);
  if (!views_.all_settled(part, settled_)) return add_call(index, batch);
  add_outcome(part);
  if (called) return;
  settled_parts_.add(part, batch_id);
  add_mark(part);
}

bool GroupWriter::needs_call(const Batch& batch) const {
  for (std::size_t p = batch.first_part; p < batch.first_part + batch.part_count; ++p)
    if (is_to_apply(p) && views_.serve(*group_.parts[p].kind) &&
        !views_.all_settled(group_.parts[p], settled_))
      return true;
  return false;
}

void GroupWriter::add_call(std::size_t index, std::size_t batch) {
  const Part& part = group_.parts[index];
  settled_parts_.tell(*part.kind);
  PartMarks marks{
      memory_.applied,         group_.at(group_.batches[batch].id), {}, mark_of(part), memory_.mark_ttl,
      outcome_left(part, now_)};
  if (!brought_[batch]) {
    marks.batch_entry = entry_of(group_.batches[batch]);
    marks.settled = settled_news(batch);
    brought_[batch] = true;
    last_batch_ = marks.batch;
  }
  calls_.push_back({index, commands_.count() - 1});  // MULTI itself has no answer there
  views_.add_part(commands_, group_, part, settled_, marks);
  if (views_.may_wait(*part.kind)) waiting_families_.insert(part.kind->family);
}

void GroupWriter::add_wakings() {
  for (const std::string_view family : waiting_families_) {
    wakings_.push_back(commands_.count() - 1);
    views_.add_waking(commands_, family);
  }
}

/// Were the function not there, the records would be kept all the same, which may be done twice; but nothing
/// may be counted that is counted again when the batch comes again.
SettledNews GroupWriter::settled_news(std::size_t index) const {
  const Batch& batch = group_.batches[index];
  std::vector<const Part*> parts;
  std::vector<std::pair<std::string, std::string_view>> marks;
  for (std::size_t p = batch.first_part; p < batch.first_part + batch.part_count; ++p) {
    const Part& part = group_.parts[p];
    if (!is_to_apply(p) || !views_.all_settled(part, settled_)) continue;
    parts.push_back(&part);
    if (part.digest.size > 0) marks.emplace_back(mark_of(part), group_.at(part.digest));
  }
  SettledNews news = settled_parts_.news_of(parts, group_.at(batch.id));
  news.marks = std::move(marks);
  return news;
}

/// Empty: the part came without Idempotency-Key.
std::string GroupWriter::mark_of(const Part& part) const {
  return part.digest.size == 0 ? "" : memory_.marks + std::string(group_.at(part.mark));
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

/// Of a part that needs no call all is applied; who sent it may ask. As commit_outcome() of
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

/// Those that no call brings.
void GroupWriter::add_batches() {
  for (const std::size_t b : decision_.new_batches) {
    if (brought_[b]) continue;
    const Batch& batch = group_.batches[b];
    commands_.command(4).argument("HSET").argument(memory_.applied).argument(group_.at(batch.id));
    commands_.argument(entry_of(batch));
    last_batch_ = group_.at(batch.id);
    commands_.command(3).argument("RPUSH").argument(memory_.order).argument(last_batch_);
  }
}

/// Of the parts that fail the call tells.
std::string GroupWriter::entry_of(const Batch& batch) const {
  std::string entry =
      applied_entry(rfc3339(now_), count_applied(group_, batch, decision_), kind_of(group_, batch));
  for (const UnfitLine& line : batch.unfit)
    add_parked_part(entry, group_.at(line.mark), group_.at(line.reason));
  for (std::size_t p = batch.first_part; p < batch.first_part + batch.part_count; ++p)
    if (decision_.parts[p].outcome == PartOutcome::kConflict)
      add_parked_part(entry, group_.at(group_.parts[p].mark), kConflictReason);
  return entry;
}

}  // namespace comporta
