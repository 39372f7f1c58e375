#pragma once
// Kinds of notes, one for each way in which records may be put in order, and a store of its own for them. A
// note may need another record, `<kind>/<key>`, and waits for it.

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "services/cache/redis/store.h"
#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/sample_batches.h"
#include "tests/support/temporary_folder.h"

namespace comporta {

struct NoteKind {
  std::string name;
  bool ordered;
  bool dated;
  bool compares;
};

inline const std::vector<NoteKind>& note_kinds() {
  static const std::vector<NoteKind> kinds = {
      {"ordered", true, false, false},      {"ordered-dated", true, true, false},
      {"commutative", false, false, false}, {"commutative-dated", false, true, false},
      {"comparing", false, false, true},    {"comparing-dated", false, true, true}};
  return kinds;
}

class NoteStore {
 public:
  RedisAccess& redis() { return redis_; }
  RedisStore& store() { return store_; }
  RedisStore another_store() { return RedisStore(redis_.settings(), libraries_); }
  const Kind& kind(const std::string& name) const { return *kinds_.find(name); }

  std::vector<PartResult> apply(const std::string& kind_name, const std::vector<SampleBatch>& batches) {
    return store_.apply(sample_group(kind(kind_name), batches));
  }
  void wake_all() {
    while (store_.has_more()) store_.go_on();
  }
  std::string ask(const std::string& kind_name, const std::string& query,
                  const std::string& arguments = "{}") {
    return asking_.query({kind(kind_name), query, arguments, WallClock::now()}).text;
  }
  std::string value_of(const std::string& kind_name, const std::string& key) {
    const auto found = asking_.find_record(kind_name, key);
    return found ? found->value : "nothing";
  }

 private:
  static constexpr char kSchema[] = R"({"type": "object", "additionalProperties": false, "required": ["id"],
    "properties": {"id": {"type": "string", "minLength": 1}, "say": {"type": "integer"},
                   "needs": {"type": "string"}, "when": {"type": "string", "format": "date-time"}}})";
  /// The sum of what the notes say, by the part of their keys before the hyphen; each change in the order of
  /// its coming.
  static constexpr char kViews[] = R"(
local function group_of(key) return string.match(key, "^[^-]*") end

local function apply(record)
  local needs = record.fields.needs
  local kind, key = string.match(needs or "", "^([%l-]+)/(.*)$")
  if key and not db.record(kind, key) then refuse("there is no " .. needs, {kind = kind, key = key}) end
  if record.late then return nil end
  local group, previous = group_of(record.key), record.previous
  if previous then db.increment("sum:" .. group, -previous.fields.say) end
  if not record.deleted then db.increment("sum:" .. group, record.fields.say) end
  if record.deleted then db.unrank("all:" .. group, record.key) else db.rank("all:" .. group, record.key, record.fields.say) end
  db.append("changes:" .. group, record.key, {keep = 1000})
  if record.fields.say == 13 then error("an unlucky note") end
end

local function sum(arguments) return {sum = db.get("sum:" .. arguments.group) or 0} end
local function changes(arguments) return {changes = db.list("changes:" .. arguments.group)} end

local function page(arguments)
  local entries, cursor = db.page("all:" .. arguments.group, arguments, {descending = arguments.descending})
  return {entries = entries, cursor = cursor}
end

return {apply = apply, queries = {sum = sum, changes = changes, page = page}}
)";

  static void write_kind(const std::filesystem::path& folder, const std::string& name,
                         const std::string& yaml, const std::string& views) {
    std::filesystem::create_directories(folder / name);
    std::ofstream(folder / name / "kind.yaml") << "titles: {pt: Nota, en: Note}\nfamily: notes\nkey: id\n"
                                               << yaml;
    std::ofstream(folder / name / "schema.json") << kSchema;
    if (!views.empty()) std::ofstream(folder / name / "views.lua") << views;
  }

  static std::string yaml_of(const NoteKind& kind) {
    const std::string parameters =
        "\n      title: {pt: Soma, en: Sum}\n      parameters: {group: {type: text}}\n";
    return std::string(kind.dated ? "event_time: when\n" : "") +
           "cache: {fields: [say, needs], ttl: 0s}\nlabels: {id: {pt: Nota, en: Note}}\nviews:\n  order: " +
           (kind.ordered ? "ordered" : "commutative") + (kind.compares ? "\n  compares: [say]" : "") +
           (kind.compares ? "\n"
                          : "\n  queries:\n    sum:" + parameters + "    changes:" + parameters +
                                "    page:" + parameters);
  }

  static KindSet load() {
    const test::TemporaryFolder folder;
    write_kind(folder.path(), "tag", "cache: {fields: [say], ttl: 0s}\nlabels: {id: {pt: Nota, en: Note}}\n",
               "");
    for (const NoteKind& kind : note_kinds())
      write_kind(folder.path(), kind.name, yaml_of(kind),
                 kind.compares ? "return {apply = function() end}" : kViews);
    std::vector<std::string> faults;
    KindSet kinds = KindSet::load(folder.path(), faults);
    if (!faults.empty()) throw std::runtime_error(faults.front());
    return kinds;
  }

  KindSet kinds_ = load();
  RedisAccess redis_;
  ViewLibraries libraries_ = make_view_libraries(kinds_, redis_.prefix());
  RedisStore store_{redis_.settings(), libraries_};
  RedisStore asking_{redis_.settings(), libraries_};  ///< beside it, as a daemon's readers are
};

}  // namespace comporta
