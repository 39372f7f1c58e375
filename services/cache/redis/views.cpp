#include "services/cache/redis/views.h"

#include <algorithm>
#include <utility>

#include "common/base/error.h"
#include "common/base/text.h"
#include "services/cache/apply/key_names.h"
#include "services/cache/redis/host.h"
#include "services/cache/redis/latest_entry.h"
#include "services/cache/redis/record_header.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostBeside = 4;  // of a kind
constexpr int kMostRounds = 1'000;
constexpr std::int64_t kMostSteps = 100'000'000;   // of all rounds of a query
constexpr std::chrono::seconds kMostProcessor{2};  // of the thread, the same

std::int64_t in_ms(WallClock::time_point time) {
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

/// Who sent the part, and its place in the upload; empty if it is nobody's, and all of it.
/// prelude/records.lua reads it.
std::string sender_of(const Group& group, const Part& part) {
  const bool is_usual =
      part.principal.size == 0 && part.roles.size == 0 && part.parts == 1 && part.first == 0;
  if (is_usual) return {};
  const std::string_view roles = part.roles.size > 0 ? group.at(part.roles) : "[]";
  return R"({"parts":)" + std::to_string(part.parts) + R"(,"first":)" + std::to_string(part.first) +
         R"(,"principal":)" + json_string(group.at(part.principal)) + R"(,"roles":)" + std::string(roles) +
         "}";
}

void set_text(lua_State* lua, const char* name, std::string_view text) {
  push(lua, text);
  lua_setfield(lua, -2, name);
}

void set_number(lua_State* lua, const char* name, double number) {
  lua_pushnumber(lua, number);
  lua_setfield(lua, -2, name);
}

/// The numbers in the part, from 0, of those that are not settled.
std::vector<std::size_t> asked_records(const Part& part, const std::vector<bool>& settled) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < part.record_count; ++i)
    if (!settled[part.first_record + i]) numbers.push_back(i);
  return numbers;
}

/// For each record that is asked about what `push_one` pushes, as a list.
template <typename PushOne>
void set_list(lua_State* lua, const char* name, const std::vector<std::size_t>& asked, PushOne push_one) {
  lua_createtable(lua, static_cast<int>(asked.size()), 0);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    push_one(asked[i]);
    lua_rawseti(lua, -2, static_cast<int>(i + 1));
  }
  lua_setfield(lua, -2, name);
}

/// As prelude/part.lua expects it.
void push_part(lua_State* lua, const Group& group, const Part& part, const std::vector<std::size_t>& asked,
               std::string_view prefix, std::string_view batch) {
  const Kind& kind = *part.kind;
  const auto records = group.records_of(part);
  std::string text = record_key_start(prefix, kind.name);
  const std::size_t start = text.size();
  const auto push_key = [&](std::size_t number) {
    text.resize(start);
    push(lua, text += group.at(records[number].key));
  };
  RecordHeader header(group, part, batch);
  std::string cached;
  const auto push_text = [&](std::size_t number) {
    const Record& record = records[number];
    cached = header.of_record(record.event_time_ms, group.at(record.fingerprint));
    if (!part.deletes) cached += group.folded_and_value(record);
    push(lua, cached);
  };
  lua_createtable(lua, 0, 20);
  set_list(lua, "keys", asked, push_key);
  set_list(lua, "texts", asked, push_text);
  set_list(lua, "numbers", asked,
           [&](std::size_t number) { lua_pushnumber(lua, static_cast<double>(number + 1)); });
  if (has_fields_apart(kind))
    set_list(lua, "apart", asked, [&](std::size_t number) { push(lua, group.at(records[number].viewed)); });
  if (kind.account.is_one())
    set_list(lua, "accounts", asked,
             [&](std::size_t number) { push(lua, group.at(records[number].account)); });
  lua_pushboolean(lua, part.deletes ? 1 : 0);
  lua_setfield(lua, -2, "deletes");
  set_number(lua, "now", static_cast<double>(part.received_ms));
  set_number(lua, "count", static_cast<double>(part.record_count));
  set_text(lua, "upload", group.at(part.upload));
  if (part.trace.size > 0) set_text(lua, "trace", group.at(part.trace));
  set_text(lua, "place", std::to_string(part.number));
  set_text(lua, "sender", sender_of(group, part));
  set_text(lua, "latest", latest_entry_start(group, part, batch));
}

}  // namespace

RedisViews::RedisViews(ViewLibraries libraries, std::string prefix, const RedisServer& server,
                       const ViewBudgets* budgets)
    : libraries_(std::move(libraries)), prefix_(std::move(prefix)), budgets_(budgets), reader_(server) {
  for (const auto& [name, library] : libraries_) {
    families_.try_emplace(name, library, [this](lua_State* lua) { push_host(lua, &at_work_); });
    for (const std::string& kind : library.waits)
      for (const char* list : {"refused", "woken"})
        watched_keys_.push_back(view_key_start(prefix_, kind) + list);
  }
}

Family& RedisViews::family(std::string_view name) {
  return families_.find(name)->second;
}

void RedisViews::start() {
  for (auto& [name, each] : families_) each.start();
}

bool RedisViews::all_settled(const Part& part, const std::vector<bool>& settled) const {
  const auto first = settled.begin() + static_cast<std::ptrdiff_t>(part.first_record);
  const auto last = first + static_cast<std::ptrdiff_t>(part.record_count);
  return std::find(first, last, false) == last;
}

bool RedisViews::may_wait(const Kind& kind) const {
  return kind.views.compares.empty() && !libraries_.find(kind.family)->second.waits.empty();
}

void RedisViews::begin(RedisCommands& commands, const Group& group, const std::vector<bool>& settled) {
  data_.write_to(&commands);
  kept_.begin(group, settled);
  asked_keys_.clear();
  std::vector<std::string> keys;
  for (const Part& part : group.parts) {
    if (!serve(*part.kind)) continue;
    const std::string start = record_key_start(prefix_, part.kind->name);
    const std::set<std::string>& beside = beside_[part.kind->name];
    for (std::size_t i = part.first_record; i < part.first_record + part.record_count; ++i) {
      if (settled[i]) continue;
      const std::string name(group.at(group.records[i].key));
      std::string key = start + name;
      if (!data_.knows_text(key)) keys.push_back(key);
      for (const std::string& before : beside)
        if (!data_.knows_text(before + name)) keys.push_back(before + name);
      asked_keys_.insert(std::move(key));
    }
  }
  if (keys.empty()) return;
  std::vector<std::string_view> words{"MGET"};
  words.insert(words.end(), keys.begin(), keys.end());
  const RedisValue texts = reader_.ask(words);
  for (std::size_t i = 0; i < keys.size(); ++i)
    data_.know_text(keys[i], texts[i].is_nil() ? std::nullopt : std::optional(texts[i].text()));
}

void RedisViews::note_kept(std::string_view key, std::string_view header, std::string_view value) {
  if (asked_keys_.contains(key))
    data_.know_text(key, std::string(header) + std::string(value));
  else
    data_.forget_text(key);
}

PartResult RedisViews::apply(const Group& group, const Part& part, const std::vector<bool>& settled,
                             std::string_view batch, milliseconds outcome_left) {
  PartResult result(PartOutcome::kApplied);
  const auto push_arguments = [&](lua_State* lua) {
    push(lua, part.kind->name);
    push_part(lua, group, part, asked_records(part, settled), prefix_, batch);
    set_number(lua, "outcome_left", static_cast<double>(outcome_left.count()));
  };
  const auto take_results = [&](lua_State* lua) {
    if (lua_isnil(lua, 1))
      result = {PartOutcome::kFailed, std::string(text_at(lua, 2))};
    else
      result.forbidden = static_cast<std::size_t>(lua_tonumber(lua, 1));
  };
  Family& views = family(part.kind->family);
  const auto fault = views.call("apply", push_arguments, take_results);
  if (budgets_ != nullptr) budgets_->note_part(*part.kind, views.steps());
  learn_beside(group, part);
  return fault ? PartResult(PartOutcome::kFailed, "views: " + *fault) : result;
}

void RedisViews::learn_beside(const Group& group, const Part& part) {
  std::set<std::string>& beside = beside_[part.kind->name];
  for (const std::string& missed : data_.take_missed()) {
    if (beside.size() == kMostBeside) return;
    for (const Record& record : group.records_of(part)) {
      const std::string_view name = group.at(record.key);
      if (!name.empty() && missed.ends_with(":" + std::string(name)))
        beside.insert(missed.substr(0, missed.size() - name.size()));
    }
  }
}

bool RedisViews::wake(std::string_view name) {
  bool has_more = false;
  const auto fault = family(name).call(
      "wake", [](lua_State*) {}, [&](lua_State* lua) { has_more = lua_toboolean(lua, 1) != 0; });
  if (fault) throw TransientError("views: " + *fault);
  return has_more;
}

bool RedisViews::wake_all() {
  bool has_more = false;
  for (const auto& [name, library] : libraries_)
    if (!library.waits.empty() && wake(name)) has_more = true;
  return has_more;
}

void RedisViews::rest() {
  forget();
  for (auto& [name, each] : families_) each.rest();
}

void RedisViews::disconnect() {
  forget();
  reader_.disconnect();
}

/// A query that lacks something may come to any end: only one that has asked for nothing new counts.
ViewAnswer RedisViews::query(RedisConnection& connection, const ViewQuery& query) {
  using Outcome = ViewAnswer::Outcome;
  ReadsTogether reader;
  std::int64_t steps = 0;
  const auto end = processor_time() + kMostProcessor;
  for (int round = 0; round < kMostRounds && steps < kMostSteps && processor_time() < end; ++round) {
    ViewData data(reader);
    at_work_ = &data;
    ViewAnswer answer{Outcome::kFailed, {}};
    const auto push_arguments = [&](lua_State* lua) {
      push(lua, query.kind.name);
      push(lua, query.name);
      push(lua, query.arguments);
      lua_pushnumber(lua, static_cast<double>(in_ms(query.now)));
    };
    const auto take_results = [&](lua_State* lua) {
      const std::string_view word = text_at(lua, 1);
      answer.outcome = word == "found"     ? Outcome::kFound
                       : word == "missing" ? Outcome::kMissing
                       : word == "refused" ? Outcome::kBadArgument
                                           : Outcome::kFailed;
      answer.text = text_at(lua, 2);
    };
    Family& views = family(query.kind.family);
    const auto fault = views.call("query", push_arguments, take_results);
    at_work_ = &data_;
    steps += views.steps();
    const bool is_done = reader.is_complete() || views.was_spent();
    if (is_done && budgets_ != nullptr) budgets_->note_query(query.kind, steps);
    if (is_done) return fault ? ViewAnswer{Outcome::kFailed, *fault} : answer;
    reader.fetch(connection);
  }
  return {Outcome::kFailed, "it takes too long: " + query.name};
}

}  // namespace comporta
