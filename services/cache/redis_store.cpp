#include "services/cache/redis_store.h"

#include <algorithm>
#include <charconv>

#include "common/error.h"
#include "common/text.h"
#include "common/uuid.h"

namespace comporta {
namespace {

constexpr int kMaxRaces = 8;
/// Beyond one eviction for each new batch: how fast a ring that was made smaller shrinks.
constexpr std::size_t kMoreEvictions = 64;

std::size_t count_keyed(const Group& group) {
  const auto keyed = [](const Part& part) { return part.digest.size > 0; };
  return static_cast<std::size_t>(std::count_if(group.parts.begin(), group.parts.end(), keyed));
}

/// `<applied at>,<parts>,<records>`
AppliedBatch parse_applied(std::string_view entry) {
  const std::size_t first = entry.find(',');
  const std::size_t second = entry.find(',', first + 1);
  if (second == std::string_view::npos)
    throw TransientError("Redis: a foreign entry among the applied batches");
  AppliedBatch batch{std::string(entry.substr(0, first)), 0, 0};
  std::from_chars(entry.data() + first + 1, entry.data() + second, batch.parts);
  std::from_chars(entry.data() + second + 1, entry.data() + entry.size(), batch.records);
  return batch;
}

}  // namespace

/// What the first round trip brings.
struct RedisStore::Known {
  Remembered remembered;
  std::size_t ring_size;
  RedisReply oldest;
};

RedisStore::RedisStore(RedisStoreSettings settings)
    : settings_(std::move(settings)),
      applied_(settings_.prefix + ":applied"),
      order_(settings_.prefix + ":applied:order"),
      marks_(settings_.prefix + ":upload:") {}

RedisStore::~RedisStore() = default;

/// A connection that failed may have replies under way: never used again.
template <typename Work>
auto RedisStore::with_connection(Work work) {
  try {
    if (connection_ == nullptr) connection_ = std::make_unique<RedisConnection>(settings_.server);
    commands_.clear();
    return work();
  } catch (...) {
    connection_.reset();
    throw;
  }
}

std::vector<PartOutcome> RedisStore::apply(const Group& group) {
  return with_connection([&] {
    std::vector<PartOutcome> outcomes;
    for (int race = 0; race < kMaxRaces; ++race)
      if (try_apply(group, outcomes)) return outcomes;
    throw TransientError("Redis: another cache daemon keeps applying");
  });
}

/// False when somebody else has applied something since the look-up.
bool RedisStore::try_apply(const Group& group, std::vector<PartOutcome>& outcomes) {
  const Known known = look_up(group);
  Decision decision = decide(group, known.remembered);
  const bool done = commit(group, decision, known);
  outcomes = std::move(decision.parts);
  return done;
}

void RedisStore::send_look_up(const Group& group, std::size_t keyed_parts) {
  commands_.clear();
  commands_.command(2).argument("WATCH").argument(applied_);
  commands_.command(2 + group.batches.size()).argument("HMGET").argument(applied_);
  for (const Batch& batch : group.batches) commands_.argument(group.at(batch.id));
  commands_.command(2).argument("LLEN").argument(order_);
  commands_.command(4).argument("LRANGE").argument(order_).argument("0");
  commands_.argument(group.batches.size() + kMoreEvictions - 1);
  if (keyed_parts > 0) commands_.command(1 + keyed_parts).argument("MGET");
  for (const Part& part : group.parts)
    if (part.digest.size > 0) commands_.argument(marks_, group.at(part.mark));
  connection_->send(commands_);
}

RedisStore::Known RedisStore::look_up(const Group& group) {
  const std::size_t keyed_parts = count_keyed(group);
  send_look_up(group, keyed_parts);
  connection_->skip(1);
  Remembered remembered;
  const RedisReply applied = connection_->receive();
  for (std::size_t i = 0; i < group.batches.size(); ++i) remembered.batches.push_back(!applied[i].is_nil());
  const auto ring_size = static_cast<std::size_t>(connection_->receive().number());
  RedisReply oldest = connection_->receive();
  remembered.digests.resize(group.parts.size());
  if (keyed_parts > 0) {
    const RedisReply digests = connection_->receive();
    std::size_t next = 0;
    for (std::size_t i = 0; i < group.parts.size(); ++i)
      if (group.parts[i].digest.size > 0) remembered.digests[i] = digests[next++].text();
  }
  return {std::move(remembered), ring_size, std::move(oldest)};
}

bool RedisStore::commit(const Group& group, const Decision& decision, const Known& known) {
  commands_.clear();
  if (decision.new_batches.empty()) {
    connection_->send(commands_.command(1).argument("UNWATCH"));
    connection_->skip(1);
    return true;
  }
  commands_.command(1).argument("MULTI");
  add_records(group, decision);
  add_batches(group, decision);
  add_evictions(known, decision.new_batches.size());
  commands_.command(1).argument("EXEC");
  connection_->send(commands_);
  connection_->skip(commands_.count() - 1);
  return !connection_->receive().is_nil();
}

void RedisStore::add_records(const Group& group, const Decision& decision) {
  for (std::size_t i = 0; i < group.parts.size(); ++i)
    if (decision.parts[i] == PartOutcome::kApplied) add_part(group, group.parts[i]);
}

void RedisStore::add_part(const Group& group, const Part& part) {
  const std::string key_start = settings_.prefix + ":record:" + part.kind->name + ":";
  const auto ttl = static_cast<std::size_t>(part.kind->ttl.count());
  for (const Record& record : group.records_of(part)) {
    commands_.command(5).argument("SET").argument(key_start, group.at(record.key));
    commands_.argument(group.at(record.value)).argument("EX").argument(ttl);
  }
  if (part.digest.size == 0) return;
  commands_.command(5).argument("SET").argument(marks_, group.at(part.mark)).argument(group.at(part.digest));
  commands_.argument("EX").argument(static_cast<std::size_t>(settings_.upload_mark_ttl.count()));
}

void RedisStore::add_batches(const Group& group, const Decision& decision) {
  const std::string now = rfc3339(WallClock::now());
  const std::size_t count = decision.new_batches.size();
  commands_.command(2 + 2 * count).argument("HSET").argument(applied_);
  for (const std::size_t b : decision.new_batches) {
    const BatchCounts counts = count_applied(group, group.batches[b], decision);
    commands_.argument(group.at(group.batches[b].id));
    commands_.argument(now + "," + std::to_string(counts.parts) + "," + std::to_string(counts.records));
  }
  commands_.command(2 + count).argument("RPUSH").argument(order_);
  for (const std::size_t b : decision.new_batches) commands_.argument(group.at(group.batches[b].id));
}

/// The WATCH covers the order too: whoever changes it changes the hash in the same transaction.
void RedisStore::add_evictions(const Known& known, std::size_t new_batches) {
  const std::size_t size = known.ring_size + new_batches;
  if (size <= settings_.applied_batches) return;
  const std::size_t count = std::min(size - settings_.applied_batches, known.oldest.size());
  if (count == 0) return;
  commands_.command(2 + count).argument("HDEL").argument(applied_);
  for (std::size_t i = 0; i < count; ++i) commands_.argument(known.oldest[i].text());
  commands_.command(3).argument("LPOP").argument(order_).argument(count);
}

std::optional<FoundRecord> RedisStore::find_record(std::string_view kind, std::string_view key) {
  return with_connection([&]() -> std::optional<FoundRecord> {
    const std::string key_start = settings_.prefix + ":record:" + std::string(kind) + ":";
    commands_.command(2).argument("GET").argument(key_start, key);
    commands_.command(2).argument("PTTL").argument(key_start, key);
    connection_->send(commands_);
    const RedisReply value = connection_->receive();
    const std::chrono::milliseconds remaining(connection_->receive().number());
    if (value.is_nil() || remaining.count() < 0) return std::nullopt;
    return FoundRecord{std::string(value.text()), remaining};
  });
}

std::optional<AppliedBatch> RedisStore::find_batch(std::string_view id) {
  return with_connection([&]() -> std::optional<AppliedBatch> {
    connection_->send(commands_.command(3).argument("HGET").argument(applied_).argument(id));
    const RedisReply entry = connection_->receive();
    if (entry.is_nil()) return std::nullopt;
    return parse_applied(entry.text());
  });
}

void RedisStore::ping() {
  with_connection([&] {
    connection_->send(commands_.command(1).argument("PING"));
    connection_->skip(1);
  });
}

}  // namespace comporta
