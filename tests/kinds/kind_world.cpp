#include "tests/kinds/kind_world.h"

#include <array>
#include <cstdio>

#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/json/record_schema.h"
#include "services/cache/apply/part_line.h"
#include "services/cache/views/library.h"
#include "services/ingest-gateway/transforms.h"
#include "services/ingest-gateway/upload.h"

namespace comporta {
namespace {

std::string describe(const Problem& problem) {
  std::string out = std::to_string(problem.status) + " " + problem.detail;
  for (const RecordFault& fault : problem.errors)
    out += "; record " + std::to_string(fault.index) + " " + fault.pointer + ": " + fault.detail;
  return out;
}

/// Of an upload without Idempotency-Key.
gateway::Upload checked_upload(const Kind& kind, std::string body, CheckedUpload checked) {
  const gateway::Transforms transforms(kind.transforms, "secret of the examples");
  if (!transforms.empty()) transforms.apply(body, checked);
  gateway::Upload upload;
  upload.kind = &kind;
  upload.body = std::move(body);
  upload.records = std::move(checked.records);
  upload.parts = gateway::cut_into_parts(upload.records);
  return upload;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    std::array<char, 4> code{};
    std::snprintf(code.data(), code.size(), "%%%02X", static_cast<unsigned char>(c));
    out += code.data();
  }
  return out;
}

KindWorld::KindWorld(const KindSet& kinds, const RedisStoreSettings& settings)
    : kinds_(kinds), store_(settings, make_view_libraries(kinds, settings.prefix), [this] { return now_; }) {
  store_.go_on();
}

/// The same in each run, so that examples may name links.
std::string KindWorld::next_id(Moment at) {
  std::array<std::uint8_t, 16> bytes{};
  bytes[14] = static_cast<std::uint8_t>(++ids_ >> 8);
  bytes[15] = static_cast<std::uint8_t>(ids_);
  return uuid_v7_from(at, bytes);
}

std::string KindWorld::upload(const Kind& kind, std::string records, Moment at) {
  std::vector<std::string> faults;
  const auto schema = RecordSchema::compile(kind.schema, kind.name, faults);
  auto checked = check_upload(records, UploadFormat::kJson, *schema, UploadLimits{});
  if (const auto* problem = std::get_if<Problem>(&checked)) return describe(*problem);
  gateway::Upload upload =
      checked_upload(kind, std::move(records), std::move(std::get<CheckedUpload>(checked)));
  upload.header.upload = next_id(at);
  upload.header.received = rfc3339(at);
  upload.header.parts = upload.parts.size();
  for (std::size_t index = 0; index < upload.parts.size(); ++index) {
    std::string line;
    upload.append_part(line, index);
    if (std::string fault = apply(kind, line, at); !fault.empty()) return fault;
  }
  return {};
}

std::string KindWorld::remove(const Kind& kind, std::string_view key, Moment at) {
  std::string line;
  PartHeader header;
  header.upload = next_id(at);
  header.received = rfc3339(at);
  header.action = kDeleteAction;
  append_part_line(line, header, "{" + json_string(kind.key) + ":" + json_string(key) + "}");
  return apply(kind, line, at);
}

std::string KindWorld::apply(const Kind& kind, std::string_view line, Moment at) {
  now_ = at;
  Group group;
  group.add_batch(next_id(at));
  PartReader reader(kind);
  if (const auto fault = reader.read(line.substr(0, line.size() - 1), group)) return *fault;
  const PartResult result = store_.apply(group).front();
  while (store_.has_more()) store_.go_on();
  return result == PartOutcome::kApplied ? "" : "not applied: " + result.reason;
}

HttpResponse KindWorld::get(const std::string& path, const std::map<std::string, std::string>& parameters,
                            Moment now) {
  HttpApi api(kinds_, keeper_, store_, [now] { return now; });
  HttpRequest request;
  request.method = "GET";
  request.path = path;
  for (const auto& [name, value] : parameters)
    request.query += (request.query.empty() ? "" : "&") + name + "=" + percent_encode(value);
  return api.answer(request, Caller{.kind = "system", .key = "examples", .roles = {"admin"}});
}

}  // namespace comporta
