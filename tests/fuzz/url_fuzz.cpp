// What comes in a URL: the first line is a name in a path (a key, an object's, a kind's), the second a query.

#include "common/base/text.h"
#include "common/broker/message.h"
#include "common/json/record_schema.h"
#include "services/cache/views/arguments.h"
#include "services/ingest-gateway/one_record.h"
#include "services/storage/object_query.h"
#include "tests/fuzz/support.h"

namespace {

using namespace comporta;

constexpr WallClock::time_point kNow{std::chrono::milliseconds(1'795'356'185'123)};

void check_problem(const Problem& problem) {
  check(problem.status == 400 && !problem.detail.empty(), "a bad query is the client's");
}

/// A record that stands for a key is one that is accepted, and has this key.
void check_key(std::string_view sent) {
  const std::optional<std::string> decoded = gateway::decode_key(sent);
  if (!decoded || decoded->find('\0') != std::string::npos) return;
  for (const auto& [name, kind] : fuzz::kinds().all()) {
    const std::string key = key_in_form(kind, *decoded);
    if (key.empty()) continue;
    static std::map<std::string, std::shared_ptr<const RecordSchema>> schemas;
    std::vector<std::string> faults;
    auto& schema = schemas[name];
    if (!schema) schema = RecordSchema::compile(kind.schema, name, faults)->of_member_alone(kind.key);
    std::string body = gateway::tombstone(kind, key);
    const auto checked = check_upload(body, UploadFormat::kJson, *schema, {});
    if (const auto* problem = std::get_if<Problem>(&checked)) {
      check(problem->status == 422, "a tombstone is JSON");  // its key may be too long for the schema
    } else {
      check(!gateway::unless_the_one(kind, key, body, std::get<CheckedUpload>(checked)),
            "a tombstone has its key");
    }
  }
}

void check_object_name(std::string_view name) {
  if (!is_object_name(name)) return;
  const std::string batch = cursor_after(std::string(name));
  check(object_name(name.substr(0, name.find('/')), batch) == name, "a name is made of its parts");
}

void check_page(const std::string& kind, std::string_view query) {
  const auto parsed = parse_page_query(kind, query, kNow);
  if (const auto* problem = std::get_if<Problem>(&parsed)) return check_problem(*problem);
  const auto& page = std::get<PageQuery>(parsed);
  check(page.limit >= 1 && page.limit <= kMaxPageObjects, "a page keeps to its limit");
  const bool is_day = page.folder.size() == kind.size() + std::string_view("/2026/11/22/").size();
  check(page.folder.starts_with(kind + "/") && (is_day || page.folder == kind + "/"), "a page is one kind's");
  check(page.after.empty() || page.after.starts_with(page.folder), "a cursor stays in its folder");
}

void check_views(std::string_view query) {
  for (const auto& [name, kind] : fuzz::kinds().all()) {
    for (const auto& [view, declared] : kind.views.queries) {
      const auto read = read_arguments(declared, query);
      if (const auto* problem = std::get_if<Problem>(&read)) check_problem(*problem);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view input = fuzz::text_of(data, size);
  const std::string_view name = fuzz::take_line(input);
  check_key(name);
  check_object_name(name);
  check_views(input);
  if (is_kind_name(name)) check_page(std::string(name), input);
  const auto object = parse_object_query(input);
  if (const auto* problem = std::get_if<Problem>(&object)) check_problem(*problem);
  return 0;
}
