#include "services/cache/redis/view_data.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace comporta {
namespace {

constexpr std::size_t kMostKnownBytes = std::size_t{8} << 20;
constexpr std::size_t kMostMissed = 8;
constexpr std::size_t kBytesBeside = 100;  // what an entry takes beside its texts

double as_score(std::string_view text) {
  return std::strtod(std::string(text).c_str(), nullptr);
}

}  // namespace

std::string number_text(double number) {
  char text[40];
  const int size = std::snprintf(text, sizeof text, "%.17g", number);
  return {text, static_cast<std::size_t>(size)};
}

void ViewData::end_group() {
  commands_ = nullptr;
  hashes_.clear();  // they end by Redis' clock
  if (bytes_ > kMostKnownBytes) forget();
}

void ViewData::forget() {
  hashes_.clear();
  texts_.clear();
  sets_.clear();
  counts_.clear();
  lists_.clear();
  bytes_ = 0;
}

RedisCommands& ViewData::command(std::size_t arguments, std::string_view name, std::string_view key) {
  if (commands_ == nullptr) throw std::logic_error("the views write without a transaction");
  return commands_->command(2 + arguments).argument(name).argument(key);
}

void ViewData::know_text(std::string_view key, std::optional<std::string_view> text) {
  bytes_ += kBytesBeside + key.size() + (text ? text->size() : 0);
  std::optional<std::string> kept;
  if (text) kept = std::string(*text);
  if (const auto at = texts_.find(key); at != texts_.end())
    at->second = std::move(kept);
  else
    texts_.emplace(key, std::move(kept));
}

void ViewData::forget_text(std::string_view key) {
  if (const auto at = texts_.find(key); at != texts_.end()) texts_.erase(at);
}

void ViewData::ask_for_text(std::string_view key) {
  const RedisValue reply = ask({"GET", key});
  know_text(key, reply.is_nil() ? std::nullopt : std::optional(reply.text()));
  if (missed_.size() < kMostMissed) missed_.emplace_back(key);
}

std::optional<std::string_view> ViewData::text(std::string_view key) {
  auto at = texts_.find(key);
  if (at == texts_.end()) {
    if (const auto kept = under_way_ ? under_way_(key) : std::nullopt)
      know_text(key, *kept);
    else
      ask_for_text(key);
    at = texts_.find(key);
  }
  if (!at->second) return std::nullopt;
  return *at->second;
}

void ViewData::set_text(std::string_view key, std::string_view text, Milliseconds life) {
  know_text(key, text);
  RedisCommands& set = command(life ? 3 : 1, "SET", key).argument(text);
  if (life) set.argument("PX").argument(static_cast<std::size_t>(*life));
}

void ViewData::delete_text(std::string_view key) {
  know_text(key, std::nullopt);
  command(0, "DEL", key);
}

ViewData::SortedSet& ViewData::set_of(std::string_view key) {
  const auto at = sets_.find(key);
  return at != sets_.end() ? at->second : sets_.emplace(key, SortedSet{}).first->second;
}

void ViewData::put(SortedSet& set, std::string_view name, std::optional<double> score) {
  auto at = set.members.find(name);
  if (at == set.members.end()) at = set.members.emplace(name, Member{}).first;
  if (set.is_whole && at->second.score) set.order.erase({*at->second.score, at->first});
  at->second = {score, set.floors};
  if (set.is_whole && score) set.order.emplace(*score, at->first);
}

std::optional<double> ViewData::score(std::string_view key, std::string_view name) {
  SortedSet& set = set_of(key);
  if (const auto at = set.members.find(name); at != set.members.end())
    return set.has(at->second) ? at->second.score : std::nullopt;
  if (set.is_whole) return std::nullopt;
  const RedisValue reply = ask({"ZSCORE", key, name});
  std::optional<double> score;
  if (!reply.is_nil()) score = as_score(reply.text());
  if (score && set.floor && *score < *set.floor) score.reset();
  bytes_ += kBytesBeside + name.size();
  put(set, name, score);
  return score;
}

void ViewData::rank(std::string_view key, const Scores& scores) {
  SortedSet& set = set_of(key);
  std::size_t ranked = 0;
  for (const auto& [name, score] : scores) {
    bytes_ += kBytesBeside + name.size();
    put(set, name, score);
    if (score) ++ranked;
  }
  if (ranked > 0) {
    command(2 * ranked, "ZADD", key);
    for (const auto& [name, score] : scores)
      if (score) commands_->argument(number_text(*score)).argument(name);
  }
  if (ranked == scores.size()) return;
  command(scores.size() - ranked, "ZREM", key);
  for (const auto& [name, score] : scores)
    if (!score) commands_->argument(name);
}

/// What is known is looked through only for a floor that is lower than one before, which is rare.
void ViewData::unrank_below(std::string_view key, double score) {
  SortedSet& set = set_of(key);
  command(2, "ZREMRANGEBYSCORE", key).argument("-inf").argument("(" + number_text(score));
  if (!set.floor || score >= *set.floor) {
    set.floor = score;
    ++set.floors;
    return;
  }
  for (auto& [name, member] : set.members) {
    const bool stays = set.has(member) && *member.score >= score;
    member = {stays ? member.score : std::nullopt, set.floors};
  }
}

ViewData::SortedSet& ViewData::whole(std::string_view key) {
  SortedSet& set = set_of(key);
  if (set.is_whole) return set;
  const RedisValue reply = ask({"ZRANGE", key, "0", "-1", "WITHSCORES"});
  for (std::size_t i = 0; i + 1 < reply.size(); i += 2) {
    const std::string_view name = reply[i].text();
    const double score = as_score(reply[i + 1].text());
    if (set.members.contains(name) || (set.floor && score < *set.floor)) continue;
    bytes_ += 2 * (kBytesBeside + name.size());
    set.members.emplace(name, Member{score, set.floors});
  }
  set.is_whole = true;
  for (const auto& [name, member] : set.members)
    if (set.has(member)) set.order.emplace(*member.score, name);
  return set;
}

std::optional<std::string> ViewData::first(std::string_view key) {
  const SortedSet& set = whole(key);
  if (set.order.empty()) return std::nullopt;
  return set.order.begin()->second;
}

bool ViewData::move(std::string_view from, std::string_view to) {
  SortedSet& set = whole(from);
  if (set.order.empty()) return false;
  command(1, "RENAME", from).argument(to);
  SortedSet moved = std::exchange(set, {});
  set.is_whole = true;
  set_of(to) = std::move(moved);
  return true;
}

std::int64_t ViewData::count(std::string_view key) {
  if (const auto at = counts_.find(key); at != counts_.end()) return at->second;
  return counts_.emplace(key, ask({"ZCARD", key}).number()).first->second;
}

void ViewData::append(std::string_view key, const std::vector<std::string_view>& entries, std::size_t keep,
                      Milliseconds life) {
  command(entries.size(), "RPUSH", key);
  for (const std::string_view entry : entries) commands_->argument(entry);
  command(2, "LTRIM", key).argument("-", std::to_string(keep)).argument("-1");
  if (life) expire(key, *life);
}

void ViewData::show(std::string_view key, std::string_view entry, std::size_t keep) {
  command(1, "LPUSH", key).argument(entry);
  command(2, "LTRIM", key).argument("0").argument(keep - 1);
}

std::vector<std::string>& ViewData::list_of(std::string_view key) {
  if (const auto at = lists_.find(key); at != lists_.end()) return at->second;
  const RedisValue reply = ask({"LRANGE", key, "0", "-1"});
  std::vector<std::string> entries;
  for (std::size_t i = 0; i < reply.size(); ++i) entries.emplace_back(reply[i].text());
  return lists_.emplace(key, std::move(entries)).first->second;
}

std::optional<std::string> ViewData::front(std::string_view key) {
  const std::vector<std::string>& list = list_of(key);
  return list.empty() ? std::nullopt : std::optional(list.front());
}

void ViewData::push(std::string_view key, std::string_view entry) {
  list_of(key).emplace_back(entry);
  command(1, "RPUSH", key).argument(entry);
}

void ViewData::pop(std::string_view key) {
  std::vector<std::string>& list = list_of(key);
  if (!list.empty()) list.erase(list.begin());
  command(0, "LPOP", key);
}

ViewData::Hash& ViewData::hash_of(std::string_view key) {
  const auto at = hashes_.find(key);
  return at != hashes_.end() ? at->second : hashes_.emplace(key, Hash{}).first->second;
}

ViewData::Fields& ViewData::whole_fields(std::string_view key) {
  Hash& hash = hash_of(key);
  if (hash.is_whole) return hash.fields;
  const RedisValue reply = ask({"HGETALL", key});
  for (std::size_t i = 0; i + 1 < reply.size(); i += 2)
    hash.fields.emplace(reply[i].text(), reply[i + 1].text());
  hash.is_whole = true;
  return hash.fields;
}

void ViewData::set_fields(std::string_view key, const Fields& fields) {
  Fields& known = hash_of(key).fields;
  command(2 * fields.size(), "HSET", key);
  for (const auto& [field, value] : fields) {
    known[field] = value;
    commands_->argument(field).argument(value);
  }
}

void ViewData::delete_field(std::string_view key, std::string_view field) {
  Fields& known = whole_fields(key);
  if (const auto at = known.find(field); at != known.end()) known.erase(at);
  command(1, "HDEL", key).argument(field);
}

void ViewData::add_to_field(std::string_view key, std::string_view field, std::int64_t by) {
  const Fields& known = whole_fields(key);
  const auto at = known.find(field);
  const std::int64_t sum = (at == known.end() ? 0 : std::strtoll(at->second.c_str(), nullptr, 10)) + by;
  set_fields(key, {{std::string(field), std::to_string(sum)}});
}

void ViewData::expire(std::string_view key, std::int64_t life) {
  command(1, "PEXPIRE", key).argument(static_cast<std::size_t>(life));
}

void ViewData::count_up(std::string_view key, std::string_view field, std::int64_t by) {
  command(2, "HINCRBY", key).argument(field).argument(std::to_string(by));
}

}  // namespace comporta
