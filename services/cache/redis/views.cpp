#include "services/cache/redis/views.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/broker/message.h"
#include "services/cache/apply/key_names.h"
#include "services/cache/redis/latest_entry.h"
#include "services/cache/redis/record_header.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes kPrepareEvery{10};
constexpr std::chrono::hours kUnusedFor{1};
constexpr std::size_t kPartArguments = 17;  // in front of the records, in the order of prelude/part.lua
constexpr char kAllRecords[] = "all";

std::int64_t in_ms(WallClock::time_point time) {
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

RedisReply ask(RedisConnection& connection, std::initializer_list<std::string_view> words) {
  RedisCommands command;
  command.command(words.size());
  for (const std::string_view word : words) command.argument(word);
  connection.send(command);
  return connection.receive_any();
}

void throw_if(const RedisValue& reply, std::string_view library) {
  if (!reply.error().empty())
    throw TransientError("the views of " + std::string(library) +
                         " do not start: " + std::string(reply.error()));
}

using Numbers = std::vector<std::size_t>;

/// The numbers in the part of those that are not settled, from 0.
Numbers asked_records(const Part& part, const std::vector<bool>& settled) {
  Numbers numbers;
  for (std::size_t i = 0; i < part.record_count; ++i)
    if (!settled[part.first_record + i]) numbers.push_back(i);
  return numbers;
}

/// From 1, with blanks between; `all` if that is what they are.
std::string as_text(const Numbers& numbers, const Part& part) {
  if (numbers.size() == part.record_count) return kAllRecords;
  std::string text;
  for (const std::size_t number : numbers) text += std::to_string(number + 1) + " ";
  return text;
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

/// Texts for each record, as prelude/part.lua expects them.
std::size_t texts_of_record(const Kind& kind) {
  return 1U + (has_fields_apart(kind) ? 1U : 0U) + (kind.account.is_one() ? 1U : 0U);
}

void add_records(RedisCommands& commands, const Group& group, const Part& part, const Numbers& asked,
                 std::string_view batch) {
  RecordHeader header(group, part, batch);
  const bool apart = has_fields_apart(*part.kind);
  const auto records = group.records_of(part);
  for (const std::size_t number : asked) {
    const Record& record = records[number];
    const std::string_view value = part.deletes ? std::string_view() : group.folded_and_value(record);
    commands.argument(header.of_record(record.event_time_ms, group.at(record.fingerprint)), value);
    if (apart) commands.argument(group.at(record.viewed));
    if (part.kind->account.is_one()) commands.argument(group.at(record.account));
  }
}

}  // namespace

RedisViews::RedisViews(ViewLibraries libraries, std::string prefix)
    : libraries_(std::move(libraries)), prefix_(std::move(prefix)), books_(prefix_ + ":libraries") {}

bool RedisViews::prepared_lately() const {
  return libraries_.empty() || std::chrono::steady_clock::now() < prepared_at_ + kPrepareEvery;
}

void RedisViews::prepare(RedisConnection& connection) {
  if (libraries_.empty()) return;
  for (const auto& [family, library] : libraries_) {
    load(connection, library);
    start(connection, library);
  }
  keep_books(connection);
  prepared_at_ = std::chrono::steady_clock::now();
}

/// Another daemon may load it at the same moment: then it is there all the same.
void RedisViews::load(RedisConnection& connection, const ViewLibrary& library) const {
  const auto list = [&] { return ask(connection, {"FUNCTION", "LIST", "LIBRARYNAME", library.name}); };
  const RedisReply listed = list();
  throw_if(listed, library.name);
  if (listed.size() > 0) return;
  const RedisReply loaded = ask(connection, {"FUNCTION", "LOAD", library.code});
  if (!loaded.error().empty() && list().size() == 0) throw_if(loaded, library.name);
}

void RedisViews::start(RedisConnection& connection, const ViewLibrary& library) const {
  throw_if(ask(connection, {"FCALL_RO", library.name + "_query", "0"}), library.name);
}

void RedisViews::keep_books(RedisConnection& connection) const {
  const std::int64_t now = in_ms(WallClock::now());
  for (const auto& [family, library] : libraries_)
    throw_if(ask(connection, {"HSET", books_, library.name, std::to_string(now)}), library.name);
  const RedisReply used = ask(connection, {"HGETALL", books_});
  for (std::size_t i = 0; i + 1 < used.size(); i += 2) {
    const std::string_view text = used[i + 1].text();
    std::int64_t last = 0;
    std::from_chars(text.data(), text.data() + text.size(), last);
    if (last < now - milliseconds(kUnusedFor).count()) drop(connection, used[i].text());
  }
}

/// It may have been dropped by another daemon.
void RedisViews::drop(RedisConnection& connection, std::string_view library) const {
  ask(connection, {"FUNCTION", "DELETE", library});
  ask(connection, {"HDEL", books_, library});
}

bool RedisViews::all_settled(const Part& part, const std::vector<bool>& settled) const {
  const auto first = settled.begin() + static_cast<std::ptrdiff_t>(part.first_record);
  const auto last = first + static_cast<std::ptrdiff_t>(part.record_count);
  return std::find(first, last, false) == last;
}

void RedisViews::add_part(RedisCommands& commands, const Group& group, const Part& part,
                          const std::vector<bool>& settled, const PartMarks& marks) const {
  const Numbers asked = asked_records(part, settled);
  const std::size_t texts = asked.size() * texts_of_record(*part.kind);
  const std::string key_start = record_key_start(prefix_, part.kind->name);
  const SettledNews& beside = marks.settled;
  commands.command(3 + asked.size() + kPartArguments + texts + beside.latest.size() +
                   2 * beside.marks.size());
  commands.argument("FCALL").argument(libraries_.find(part.kind->family)->second.name, "_apply");
  commands.argument(asked.size());
  for (const std::size_t number : asked)
    commands.argument(key_start, group.at(group.records_of(part)[number].key));
  commands.argument(part.kind->name).argument(std::to_string(part.received_ms));
  commands.argument(part.deletes ? kDeleteAction : std::string_view());
  commands.argument(marks.applied).argument(marks.batch).argument(marks.batch_entry);
  commands.argument(group.at(part.mark)).argument(marks.digest_key).argument(group.at(part.digest));
  commands.argument(static_cast<std::size_t>(marks.digest_ttl.count()));
  commands.argument(part.record_count).argument(as_text(asked, part));
  commands.argument(latest_entry_start(group, part, marks.batch)).argument(sender_of(group, part));
  commands.argument(std::to_string(marks.outcome_left.count()));
  commands.argument(beside.records).argument(beside.latest.size());
  add_records(commands, group, part, asked, marks.batch);
  for (const std::string& entry : beside.latest) commands.argument(entry);
  for (const auto& [mark, digest] : beside.marks) commands.argument(mark).argument(digest);
}

bool RedisViews::may_wait(const Kind& kind) const {
  return kind.views.compares.empty() && libraries_.find(kind.family)->second.may_wait;
}

void RedisViews::add_waking(RedisCommands& commands, std::string_view family) const {
  const std::string& library = libraries_.find(family)->second.name;
  commands.command(3).argument("FCALL").argument(library, "_wake").argument("0");
}

std::size_t RedisViews::add_waking(RedisCommands& commands) const {
  std::size_t count = 0;
  for (const auto& [family, library] : libraries_) {
    if (!library.may_wait) continue;
    add_waking(commands, family);
    ++count;
  }
  return count;
}

ViewAnswer RedisViews::query(RedisConnection& connection, const ViewQuery& query) const {
  using Outcome = ViewAnswer::Outcome;
  const ViewLibrary& library = libraries_.find(query.kind.family)->second;
  RedisCommands command;
  command.command(7).argument("FCALL_RO").argument(library.name, "_query").argument("0");
  command.argument(query.kind.name).argument(query.name).argument(query.arguments);
  command.argument(std::to_string(in_ms(query.now)));
  connection.send(command);
  const RedisReply reply = connection.receive();
  const std::string_view word = reply[0].text();
  const Outcome outcome = word == "found"     ? Outcome::kFound
                          : word == "missing" ? Outcome::kMissing
                          : word == "refused" ? Outcome::kBadArgument
                                              : Outcome::kFailed;
  return {outcome, std::string(reply[1].text())};
}

}  // namespace comporta
