#pragma once
// Kinds of accounts, and of records that are somebody's, and a store of its own for them.

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "services/cache/redis/store.h"
#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/sample_batches.h"
#include "tests/support/temporary_folder.h"

namespace comporta {

/// Who sends an upload, what, and when it arrives: milliseconds from a moment that all tests share.
struct Sent {
  std::string records;
  std::string by = {};
  std::vector<std::string> roles = {};
  int at = 0;
  std::string action = {};
};

class PeopleRedis {
 public:
  using Fields = std::map<std::string, std::string>;

  RedisAccess& redis() { return redis_; }
  RedisStore& store() { return store_; }
  const Kind& kind(const std::string& name) const { return *kinds_.find(name); }
  std::string views(const std::string& kind) const { return redis_.prefix() + ":view:" + kind + ":"; }

  static SamplePart part(const Sent& sent) {
    SamplePart part{.records = sent.records, .action = sent.action, .received = rfc3339(moment(sent.at))};
    part.principal = sent.by;
    part.roles = sent.roles;
    return part;
  }
  static WallClock::time_point moment(int at) {
    static const auto base = std::chrono::floor<std::chrono::milliseconds>(WallClock::now());
    return base + std::chrono::milliseconds(at);
  }

  std::vector<PartResult> apply(const std::string& kind_name, const std::vector<SampleBatch>& batches) {
    const auto results = store_.apply(sample_group(kind(kind_name), batches));
    while (store_.has_more()) store_.go_on();
    return results;
  }
  /// Returns the upload's outcome.
  Fields send(const std::string& kind_name, const Sent& sent) {
    const SamplePart one = part(sent);
    const auto results = apply(kind_name, {{.parts = {one}}});
    last_upload_ = one.upload;
    if (results.front().outcome == PartOutcome::kApplied) return outcome(one.upload);
    return {{"failed", results.front().reason}};
  }
  const std::string& last_upload() const { return last_upload_; }

  Fields outcome(const std::string& upload) { return hash(redis_.prefix() + ":outcome:" + upload); }
  Fields hash(const std::string& key) {
    Fields fields;
    const RedisReply reply = redis_.ask({"HGETALL", key});
    for (std::size_t i = 0; i + 1 < reply.size(); i += 2)
      fields[std::string(reply[i].text())] = reply[i + 1].text();
    return fields;
  }
  std::string text(const std::string& key) {
    const RedisReply reply = redis_.ask({"GET", key});
    return reply.is_nil() ? "nothing" : std::string(reply.text());
  }
  std::string record(const std::string& kind_name, const std::string& key) {
    const auto found = asking_.find_record(kind_name, key);
    return found ? found->value : "nothing";
  }
  std::string ask(const std::string& kind_name, const std::string& query, const std::string& arguments,
                  int at = 0) {
    return asking_.query({kind(kind_name), query, arguments, moment(at)}).text;
  }
  /// All keys under the prefix, without it, but for those that say when, in which batch, or for which Redis.
  std::map<std::string, std::string> everything() {
    std::map<std::string, std::string> all;
    for (const std::string& key : redis_.keys()) {
      const std::string name = key.substr(redis_.prefix().size());
      if (name != ":libraries" && !name.starts_with(":applied")) all[name] = dump(key);
    }
    return all;
  }

 private:
  static constexpr char kMember[] = R"(titles: {pt: Membro, en: Member}
family: people
key: id
cache: {fields: [name, email], ttl: 0s}
account: {login: email, password: password, roles: roles, sign_up: anyone}
)";
  static constexpr char kNote[] = R"(titles: {pt: Nota, en: Note}
family: people
key: id
cache: {fields: [by, say, needs], ttl: 0s}
access: {accounts: [member], owner: by, create: login, change: [owner, clerk], read: login}
views:
  order: commutative
  queries: {seen: {title: {pt: Vistas, en: Seen}}}
)";
  /// What has been seen, in its order. A note may need a tag, and waits for it.
  static constexpr char kNoteViews[] = R"(
local function apply(record)
  local needs = record.fields.needs
  if needs and not db.record("tag", needs) then refuse("there is no tag " .. needs, {kind = "tag", key = needs}) end
  if record.fields.say == "no" then refuse("it says no") end
  if record.previous and record.previous.fields.say == "stays" and not record.sender.has.admin then
    refuse("it stays, " .. record.sender.key)
  end
  db.append("seen", record.key .. (record.deleted and " deleted" or " " .. record.fields.say), {keep = 100})
  return {flags = {"seen"}}
end
return {apply = apply, queries = {seen = function() return {seen = db.list("seen")} end}}
)";
  /// An employee needs the tag of their shop, whoever says so; their views see no password.
  static constexpr char kEmployee[] = R"(titles: {pt: Pessoal, en: Employee}
family: people
key: id
cache: {fields: [name, email], ttl: 0s}
account: {login: email, password: password, sign_up: clerk}
views: {order: ordered, fields: [name]}
)";
  static constexpr char kEmployeeViews[] = R"(
local function apply(record)
  for _, seen in ipairs({record.packed, tostring(record.fields.password), tostring(record.folded.password)}) do
    if string.find(seen, "$argon2id", 1, true) then error("a password is seen") end
  end
  local shop = record.fields.name
  if shop and not db.record("tag", shop) then refuse("there is no tag " .. shop, {kind = "tag", key = shop}) end
end
return {apply = apply, queries = {}}
)";
  /// A ticket is open until a clerk or an admin says something else, and whoever changes it leaves that as it
  /// is.
  static constexpr char kTicket[] = R"(titles: {pt: Chamado, en: Ticket}
key: id
cache: {fields: [by, say, state], ttl: 0s}
access: {accounts: [member], owner: by, create: login, change: [owner, clerk]}
stamps: {state: views}
views: {order: ordered, fields: [say]}
)";
  static constexpr char kTicketViews[] = R"(
local function apply(record)
  local say = record.fields.say
  if say == "another" then return {stamps = {by = "me"}} end
  if say == "number" then return {stamps = {state = 1}} end
  return {stamps = {state = record.previous and record.previous.fields.state or 'it is "open"'}}
end
return {apply = apply, queries = {}}
)";
  static constexpr char kPass[] = R"(titles: {pt: Passe, en: Pass}
key: id
cache: {fields: [by], ttl: 60s}
access: {accounts: [member], owner: by, create: login, change: owner}
)";
  /// Whose it is says the door, and a clerk may change it.
  static constexpr char kSlip[] = R"(titles: {pt: Talão, en: Slip}
family: people
key: id
cache: {fields: [say, by, needs], ttl: 0s}
access: {accounts: [member], owner: by, create: login, change: [owner, clerk], read: login}
stamps: {by: principal}
views: {order: commutative, fields: [by, needs], queries: {seen: {title: {pt: Vistos, en: Seen}}}}
)";
  static constexpr char kSlipViews[] = R"(
local function apply(record)
  local needs = record.fields.needs
  if needs and not db.record("tag", needs) then refuse("there is no tag " .. needs, {kind = "tag", key = needs}) end
  db.append("seen", tostring(record.fields.by), {keep = 100})
end
return {apply = apply, queries = {seen = function() return {seen = db.list("seen")} end}}
)";
  static constexpr char kBoard[] = R"(titles: {pt: Mural, en: Board}
key: id
cache: {fields: [say], ttl: 0s}
access: {accounts: [member], create: login, change: anyone}
)";
  static constexpr char kOpen[] =
      "titles: {pt: Aberto, en: Open}\nkey: id\ncache: {fields: [say], ttl: 0s}\n";
  static constexpr char kSchema[] = R"({"type": "object", "required": ["id", "email"], "properties": {
    "id": {"type": "string", "minLength": 1}, "name": {"type": "string"}, "email": {"type": "string"},
    "password": {"type": "string"}, "roles": {"type": "array"}, "by": {"type": "string"},
    "say": {"type": "string"}, "state": {"type": "string"}, "needs": {"type": "string"}}})";

  static void write_kind(const std::filesystem::path& folder, const std::string& name,
                         const std::string& yaml, const std::string& views = {}) {
    std::filesystem::create_directories(folder / name);
    std::ofstream(folder / name / "kind.yaml") << yaml;
    std::ofstream(folder / name / "schema.json") << kSchema;
    if (!views.empty()) std::ofstream(folder / name / "views.lua") << views;
  }

  static KindSet load() {
    const test::TemporaryFolder folder;
    write_kind(folder.path(), "member", kMember);
    write_kind(folder.path(), "note", kNote, kNoteViews);
    write_kind(folder.path(), "employee", kEmployee, kEmployeeViews);
    write_kind(folder.path(), "ticket", kTicket, kTicketViews);
    write_kind(folder.path(), "pass", kPass);
    write_kind(folder.path(), "slip", kSlip, kSlipViews);
    write_kind(folder.path(), "board", kBoard);
    write_kind(folder.path(), "tag", std::string(kOpen) + "family: people\n");
    write_kind(folder.path(), "plain", kOpen);
    std::vector<std::string> faults;
    KindSet kinds = KindSet::load(folder.path(), faults);
    if (!faults.empty()) throw std::runtime_error(faults.front());
    return kinds;
  }

  std::string dump(const std::string& key) {
    const std::string type(redis_.ask({"TYPE", key}).text());
    if (type == "string") return text(key);
    const RedisReply reply = type == "hash"   ? redis_.ask({"HGETALL", key})
                             : type == "zset" ? redis_.ask({"ZRANGE", key, "0", "-1", "WITHSCORES"})
                                              : redis_.ask({"LRANGE", key, "0", "-1"});
    std::vector<std::string> pieces;
    const std::size_t width = type == "list" ? 1 : 2;
    for (std::size_t i = 0; i + width <= reply.size(); i += width)
      pieces.push_back(std::string(reply[i].text()) + "=" + std::string(reply[i + width - 1].text()));
    if (type == "hash") std::sort(pieces.begin(), pieces.end());
    std::string all;
    for (const std::string& piece : pieces) all += piece + "\n";
    return all;
  }

  KindSet kinds_ = load();
  RedisAccess redis_;
  ViewLibraries libraries_ = make_view_libraries(kinds_, redis_.prefix());
  RedisStore store_{redis_.settings(), libraries_};
  RedisStore asking_{redis_.settings(), libraries_};  ///< beside it, as a daemon's readers are
  std::string last_upload_;
};

}  // namespace comporta
