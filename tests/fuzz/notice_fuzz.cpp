// A notice to a hook: the first line is a kind of tests/data/hooks, the second the query, then lines of
// headers
// (`name: value`) up to an empty one, then the body. `{signed}` in a header is the signature that is right.

#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/json/record_schema.h"
#include "common/kinds/sent_schema.h"
#include "services/ingest-gateway/hooks.h"
#include "tests/fuzz/support.h"

namespace {

using namespace comporta;

const std::string kKey = "the key of the notices that are fuzzed";

const KindSet& hook_kinds() {
  static const KindSet set = [] {
    std::vector<std::string> faults;
    KindSet loaded = KindSet::load("tests/data/hooks", faults);
    check(faults.empty(), "the kinds of the tests are good");
    return loaded;
  }();
  return set;
}

WallClock::time_point now() {
  return WallClock::time_point(std::chrono::seconds(1'704'908'010));
}

const gateway::Hooks& hooks() {
  static Metrics metrics;
  static const gateway::Hooks made(hook_kinds(), {{{"notice", {kKey}}, {"event", {kKey}}, {"push", {kKey}}}},
                                   metrics, now);
  return made;
}

/// Signed with the key, so that what stands behind the signature is looked at, too.
void sign(HttpRequest& notice) {
  const std::string id(notice.header("webhook-id"));
  for (auto& [name, value] : notice.headers) {
    if (value != "{signed}") continue;
    value = name == "webhook-signature" ? standard_webhooks_signature(kKey, id, "1704908010", notice.body)
                                        : "sha256=" + to_hex(hmac_sha256(kKey, notice.body));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view input = fuzz::text_of(data, size);
  const Kind* const kind = hook_kinds().find(fuzz::take_line(input));
  if (kind == nullptr) return 0;
  HttpRequest notice{
      .method = "POST", .path = "/", .query = std::string(fuzz::take_line(input)), .headers = {}, .body = {}};
  for (std::string_view line = fuzz::take_line(input); !line.empty(); line = fuzz::take_line(input)) {
    const std::size_t colon = std::min(line.find(": "), line.size());
    notice.headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 2, line.size())));
  }
  notice.body = input;
  sign(notice);
  auto record = hooks().record_of(*kind, notice);
  if (const auto* problem = std::get_if<Problem>(&record)) {
    check(problem->status == 400 || problem->status == 401 || problem->status == 413, "it is the sender's");
    return 0;
  }
  std::vector<std::string> faults;
  static std::map<std::string, std::shared_ptr<const RecordSchema>> schemas;
  auto& schema = schemas[kind->name];
  if (!schema) schema = sent_schema(RecordSchema::compile(kind->schema, kind->name, faults), *kind, false);
  auto checked = check_upload(std::get<std::string>(record), UploadFormat::kJson, *schema, {});
  if (const auto* problem = std::get_if<Problem>(&checked)) {
    // A text may have what no record may: then it is no fault of the JSON.
    const bool is_text = problem->detail.find("\\u0000") != std::string::npos;
    check(problem->status == 422 || problem->status == 413 || is_text, "what becomes of a notice is JSON");
  }
  return 0;
}
