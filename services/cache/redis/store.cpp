#include "services/cache/redis/store.h"

#include <algorithm>
#include <deque>
#include <set>

#include "common/base/error.h"
#include "common/base/uuid.h"
#include "services/cache/apply/key_names.h"
#include "services/cache/redis/record_header.h"
#include "services/cache/redis/upload_hash.h"

namespace comporta {
namespace {

constexpr int kMaxRaces = 8;
constexpr char kRace[] = "Redis: another cache daemon keeps applying";
// What PTTL answers beside times.
constexpr std::int64_t kNoTimeToLive = -1;
constexpr std::int64_t kNoSuchKey = -2;
/// Beyond one eviction for each new batch: how fast a ring that was made smaller shrinks.
constexpr std::size_t kMoreEvictions = 64;
constexpr std::size_t kSendBytes = std::size_t{64} << 10;

std::size_t count_keyed(const Group& group) {
  const auto keyed = [](const Part& part) { return part.digest.size > 0; };
  return static_cast<std::size_t>(std::count_if(group.parts.begin(), group.parts.end(), keyed));
}

}  // namespace

/// What the first round trip brings.
struct RedisStore::Known {
  Remembered remembered;
  std::vector<bool> settled;  ///< for each record of the group: RedisViews::receive_comparisons()
  std::size_t ring_size;
  RedisReply oldest;
};

RedisStore::RedisStore(RedisStoreSettings settings, ViewLibraries views, Clock clock,
                       const ViewBudgets* budgets)
    : settings_(std::move(settings)),
      clock_(std::move(clock)),
      memory_(settings_.prefix, settings_.upload_mark_ttl),
      hold_(settings_.prefix + ":hold"),
      replicas_(settings_.replicas, settings_.server.timeout),
      views_(std::move(views), settings_.prefix, settings_.server, budgets) {}

RedisStore::~RedisStore() = default;

RedisStore::Shape RedisStore::shape_of(const Group& group) {
  return {std::string(group.at(group.batches.front().id)), group.batches.size(), group.records.size()};
}

std::vector<PartResult> RedisStore::apply_while(const Group& group, const NextGroup& next) {
  const auto apply = [&] {
    views_.start();
    std::vector<PartResult> results;
    for (int race = 0; race < kMaxRaces; ++race)
      if (try_apply(group, next, results)) return results;
    throw TransientError(kRace);
  };
  return with_connection(apply, &group);
}

/// False when somebody else has applied something since the look-up.
bool RedisStore::try_apply(const Group& group, const NextGroup& next, std::vector<PartResult>& results) {
  if (!looked_up_) {
    recent_.clear();
    views_.forget();
    looked_up_ = send_look_up(group, {});
  }
  // A standby wakes, too, and tells of it only by what is watched from the look-up on.
  if (has_more_) views_.forget();
  const LookUp look_up = *std::exchange(looked_up_, std::nullopt);
  const Known known = receive_look_up(group, look_up);
  Decision decision = decide(group, known.remembered);
  const bool done = commit(group, decision, known, next);
  results = std::move(decision.parts);
  return done;
}

void RedisStore::add_watch() {
  const std::vector<std::string>& waiting = views_.watched_keys();
  commands_.command(3 + waiting.size()).argument("WATCH").argument(memory_.applied).argument(hold_);
  for (const std::string& key : waiting) commands_.argument(key);
}

RedisStore::LookUp RedisStore::send_look_up(const Group& group, std::string_view last_batch) {
  const std::size_t keyed_parts = count_keyed(group);
  commands_.clear();
  add_watch();
  commands_.command(2).argument("EXISTS").argument(hold_);
  commands_.command(2 + group.batches.size()).argument("HMGET").argument(memory_.applied);
  for (const Batch& batch : group.batches) commands_.argument(group.at(batch.id));
  commands_.command(2).argument("LLEN").argument(memory_.order);
  commands_.command(4).argument("LRANGE").argument(memory_.order).argument("0");
  commands_.argument(group.batches.size() + kMoreEvictions - 1);
  commands_.command(3).argument("LINDEX").argument(memory_.order).argument("-1");
  if (keyed_parts > 0) commands_.command(1 + keyed_parts).argument("MGET");
  for (const Part& part : group.parts)
    if (part.digest.size > 0) commands_.argument(memory_.marks, group.at(part.mark));
  Foreknown foreknown = views_.add_comparisons(commands_, group, recent_);
  connection_->send(commands_);
  return {shape_of(group), std::move(foreknown), std::string(last_batch)};
}

RedisStore::Known RedisStore::receive_look_up(const Group& group, const LookUp& look_up) {
  const std::size_t keyed_parts = count_keyed(group);
  connection_->skip(1);
  if (connection_->receive().number() > 0) throw TransientError("Redis: held while a replay takes over");
  Remembered remembered;
  const RedisReply applied = connection_->receive();
  for (std::size_t i = 0; i < group.batches.size(); ++i) {
    remembered.batches.push_back(!applied[i].is_nil());
    for (const Part& part : group.parts_of(group.batches[i]))
      remembered.failures.emplace_back(failure_in(applied[i].text(), group.at(part.mark)));
  }
  const auto ring_size = static_cast<std::size_t>(connection_->receive().number());
  RedisReply oldest = connection_->receive();
  const RedisReply last = connection_->receive();
  if (!look_up.last_batch.empty() && last.text() != look_up.last_batch) throw TransientError(kRace);
  remembered.digests.resize(group.parts.size());
  if (keyed_parts > 0) {
    const RedisReply digests = connection_->receive();
    std::size_t next = 0;
    for (std::size_t i = 0; i < group.parts.size(); ++i)
      if (group.parts[i].digest.size > 0) remembered.digests[i] = digests[next++].text();
  }
  std::vector<bool> settled = views_.receive_comparisons(*connection_, group, look_up.foreknown);
  return {std::move(remembered), std::move(settled), ring_size, std::move(oldest)};
}

/// Behind the transaction the look-up of the next group is sent, so that Redis does not wait until this one
/// is settled.
bool RedisStore::commit(const Group& group, Decision& decision, const Known& known, const NextGroup& next) {
  commands_.clear();
  if (decision.new_batches.empty()) {
    connection_->send(commands_.command(1).argument("UNWATCH"));
    connection_->skip(1);
    replicas_.confirm(*connection_, settings_.prefix + ":confirmed", group.at(group.batches.back().id));
    return true;
  }
  commands_.command(1).argument("MULTI");
  views_.begin(commands_, group, known.settled);
  GroupWriter writer(group, decision, known.settled, views_, memory_, commands_);
  // Redis takes in what is there while the rest is made.
  const auto send_large = [this] {
    if (commands_.bytes().size() < kSendBytes) return;
    connection_->send(commands_);
    commands_.forget_bytes();
  };
  writer.write(clock_(), send_large);
  add_evictions(known, decision.new_batches.size());
  const std::size_t queued = commands_.count() - 1;  // behind MULTI
  commands_.command(1).argument("EXEC");
  replicas_.ask(commands_);
  connection_->send(commands_);
  views_.note_written(recent_, group, decision.parts, known.settled);
  if (const Group* const following = next ? next() : nullptr)
    looked_up_ = send_look_up(*following, writer.last_batch());
  connection_->skip(1);
  connection_->skip_queued(queued);
  const RedisReply done = connection_->receive();
  replicas_.expect(*connection_);
  if (done.is_nil() && looked_up_) throw TransientError(kRace);
  if (done.is_nil()) return false;
  views_.end();
  has_more_ = has_more_ || writer.has_more();
  return true;
}

/// The WATCH covers the order too: whoever changes it changes the hash in the same transaction.
void RedisStore::add_evictions(const Known& known, std::size_t new_batches) {
  const std::size_t size = known.ring_size + new_batches;
  if (size <= settings_.applied_batches) return;
  const std::size_t count = std::min(size - settings_.applied_batches, known.oldest.size());
  if (count == 0) return;
  commands_.command(2 + count).argument("HDEL").argument(memory_.applied);
  for (std::size_t i = 0; i < count; ++i) commands_.argument(known.oldest[i].text());
  commands_.command(3).argument("LPOP").argument(memory_.order).argument(count);
}

std::optional<FoundRecord> RedisStore::find_record(std::string_view kind, std::string_view key) {
  return with_connection([&]() -> std::optional<FoundRecord> {
    const std::string key_start = record_key_start(settings_.prefix, kind);
    commands_.command(2).argument("GET").argument(key_start, key);
    commands_.command(2).argument("PTTL").argument(key_start, key);
    connection_->send(commands_);
    const RedisReply value = connection_->receive();
    const std::int64_t remaining = connection_->receive().number();
    if (value.is_nil() || remaining == kNoSuchKey || is_deletion(value.text())) return std::nullopt;
    FoundRecord found{std::string(without_header(value.text())), std::nullopt, arrival_in(value.text())};
    if (remaining != kNoTimeToLive) found.remaining = std::chrono::milliseconds(remaining);
    return found;
  });
}

/// What was sent back is what became of it there: counted once, even if it was parked twice.
std::optional<AppliedBatch> RedisStore::find_batch(std::string_view id) {
  return with_connection([&]() -> std::optional<AppliedBatch> {
    auto entry = read_entry(id);
    if (!entry) return std::nullopt;
    std::set<std::string> counted{std::string(id)};
    std::deque<AppliedEntry::Parked> parked(entry->parked.begin(), entry->parked.end());
    while (!parked.empty()) {
      const AppliedEntry::Parked each = std::move(parked.front());
      parked.pop_front();
      const auto again = each.sent_back_in.empty() ? std::nullopt : read_entry(each.sent_back_in);
      if (!again) entry->batch.parked.push_back(each.part);
      if (!again || !counted.insert(each.sent_back_in).second) continue;
      entry->batch.parts += again->batch.parts;
      entry->batch.records += again->batch.records;
      parked.insert(parked.begin(), again->parked.begin(), again->parked.end());
    }
    return std::move(entry->batch);
  });
}

std::optional<AppliedEntry> RedisStore::read_entry(std::string_view batch) {
  commands_.clear();
  commands_.command(3).argument("HGET").argument(memory_.applied).argument(batch);
  commands_.command(3).argument("HGET").argument(memory_.sent_back).argument(batch);
  connection_->send(commands_);
  const RedisReply text = connection_->receive();
  const RedisReply notes = connection_->receive();
  if (text.is_nil()) return std::nullopt;
  AppliedEntry entry = parse_applied_entry(text.text());
  if (!notes.is_nil()) add_sent_back(entry, notes.text());
  return entry;
}

std::vector<bool> RedisStore::are_applied(const std::vector<std::string>& batches) {
  if (batches.empty()) return {};
  return with_connection([&] {
    commands_.command(2 + batches.size()).argument("HMGET").argument(memory_.applied);
    for (const std::string& batch : batches) commands_.argument(batch);
    connection_->send(commands_);
    const RedisReply entries = connection_->receive();
    std::vector<bool> applied;
    for (std::size_t i = 0; i < batches.size(); ++i) applied.push_back(!entries[i].is_nil());
    return applied;
  });
}

/// The mark first: others write between two commands, and what was written in the same step is there after
/// it.
UploadOutcome RedisStore::find_upload(std::string_view id) {
  return with_connection([&] {
    commands_.command(2).argument("EXISTS").argument(memory_.marks, std::string(id) + ":1");
    commands_.command(2).argument("HGETALL").argument(outcome_key_start(settings_.prefix), id);
    connection_->send(commands_);
    const bool is_marked = connection_->receive().number() > 0;
    UploadOutcome outcome = parse_upload_hash(connection_->receive());
    outcome.is_marked = is_marked;
    return outcome;
  });
}

ViewAnswer RedisStore::query(const ViewQuery& query) {
  return with_connection([&] { return views_.query(*connection_, query); });
}

/// Writing nothing to a key that is not there changes nothing, and yet is refused like any other writing: for
/// lack of memory, by a replica, after an error of the disk.
void RedisStore::go_on() {
  with_connection([&] {
    views_.start();
    commands_.command(4).argument("SETRANGE").argument(settings_.prefix, ":trial").argument("0").argument("");
    add_watch();
    commands_.command(2).argument("EXISTS").argument(hold_);
    connection_->send(commands_);
    connection_->skip(2);
    has_more_ = connection_->receive().number() == 0 && wake();
  });
}

/// Whether there are more.
bool RedisStore::wake() {
  commands_.clear();
  commands_.command(1).argument("MULTI");
  views_.forget();
  views_.begin(commands_, {}, {});
  const bool has_more = views_.wake_all();
  views_.forget();
  if (commands_.count() == 1) {
    commands_.clear();
    connection_->send(commands_.command(1).argument("UNWATCH"));
    connection_->skip(1);
    return has_more;
  }
  const std::size_t queued = commands_.count() - 1;
  commands_.command(1).argument("EXEC");
  connection_->send(commands_);
  connection_->skip(1);
  connection_->skip_queued(queued);
  return connection_->receive().is_nil() || has_more;
}

}  // namespace comporta
