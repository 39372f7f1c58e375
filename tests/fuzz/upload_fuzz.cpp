// An upload from the door to the cache's reader. The input: a line each for kind, Content-Type and
// Content-Encoding, then the body.

#include <algorithm>

#include "common/http/problem_response.h"
#include "common/kinds/transforms.h"
#include "services/cache/apply/part_line.h"
#include "services/ingest-gateway/upload.h"
#include "services/ingest-gateway/upload_body.h"
#include "tests/fuzz/support.h"

namespace {

using namespace comporta;
using namespace comporta::gateway;

constexpr std::size_t kMaxBodyBytes = 64 * 1024;
constexpr UploadLimits kLimits{
    .max_records = 200, .max_record_bytes = 4096, .max_depth = 16, .max_faults = 10};
using Records = std::vector<std::string>;
using Checked = std::variant<CheckedUpload, Problem>;

struct Rules {
  std::shared_ptr<const RecordSchema> schema;
  Transforms transforms;
};

const Rules& rules_of(const Kind& kind) {
  static std::map<std::string, Rules> all;
  const auto found = all.find(kind.name);
  if (found != all.end()) return found->second;
  std::vector<std::string> faults;
  auto schema = RecordSchema::compile(kind.schema, "schema.json", faults);
  return all.emplace(kind.name, Rules{schema, Transforms(kind.transforms, "secret")}).first->second;
}

Records records_of(const std::string& body, const CheckedUpload& checked) {
  Records records;
  std::size_t end = 0;
  for (const RecordSlice& slice : checked.records) {
    check(slice.begin >= end && slice.begin < slice.end && slice.end <= body.size(),
          "records are inside the body, one behind the other");
    records.push_back(body.substr(slice.begin, slice.end - slice.begin));
    check(records.back().front() == '{' && records.back().back() == '}', "a record is an object");
    check(records.back().find_first_of("\r\n") == std::string::npos, "a record is one line");
    end = slice.end;
  }
  return records;
}

std::string joined(const Records& records, std::string_view between) {
  std::string text;
  for (const std::string& record : records) text.append(text.empty() ? "" : between).append(record);
  return text;
}

/// The same records, framed in any way, are accepted as the same records.
void check_framing(const Records& records, const RecordSchema& schema) {
  const auto same = [&](std::string body, UploadFormat format) {
    const Checked again = check_upload(body, format, schema, kLimits);
    const auto* checked = std::get_if<CheckedUpload>(&again);
    check(checked != nullptr, "what was accepted is accepted in another frame");
    check(records_of(body, *checked) == records, "the records are the same in another frame");
  };
  same("[" + joined(records, ",") + "]", UploadFormat::kJson);
  same(joined(records, "\r\n\n"), UploadFormat::kNdjson);
}

void check_refusal(const Problem& problem, const std::string& before, const std::string& after) {
  check(problem.status == 400 || problem.status == 413 || problem.status == 422, "a refusal is the client's");
  check(problem.errors.size() <= kLimits.max_faults, "faults keep to their limit");
  check((problem.status == 422) == !problem.errors.empty(), "422 names faults, and nothing else does");
  check(before == after, "a refused body is as it was");
  check(!problem_response(problem, "/", "").body.empty(), "a refusal has a body");
}

/// What is published is read by the cache, record for record.
void check_parts(const Kind& kind, std::string body, CheckedUpload checked) {
  Upload upload;
  upload.kind = &kind;
  upload.body = std::move(body);
  upload.records = std::move(checked.records);
  upload.parts = cut_into_parts(upload.records);
  upload.header = {.upload = "01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e0f",
                   .parts = upload.parts.size(),
                   .received = "2026-11-22T14:03:05.123Z"};
  Group group;
  group.add_batch("01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e10");
  PartReader reader(kind);
  for (std::size_t i = 0; i < upload.parts.size(); ++i) {
    std::string line;
    upload.append_part(line, i);
    check(line.size() <= kMaxPartLineBytes && line.find('\n') == line.size() - 1, "a part is one line");
    check(is_part_of(line, upload.header.upload), "a part says whose it is");
    line.pop_back();
    check(!reader.read(line, group), "the cache reads what the gateway writes");
  }
  check(group.records.size() == upload.records.size(), "the cache finds every record");
}

void take(const Kind& kind, UploadBody upload) {
  const Rules& rules = rules_of(kind);
  const std::string before = upload.json;
  const Checked result = check_upload(upload.json, upload.format, *rules.schema, kLimits);
  if (const auto* problem = std::get_if<Problem>(&result))
    return check_refusal(*problem, before, upload.json);
  CheckedUpload checked = std::get<CheckedUpload>(result);
  check(!checked.records.empty() && upload.json.size() == before.size(), "there are records in an upload");
  check_framing(records_of(upload.json, checked), *rules.schema);
  if (!rules.transforms.empty()) {
    rules.transforms.apply(upload.json, checked);
    const Records once = records_of(upload.json, checked);
    rules.transforms.apply(upload.json, checked);
    check(records_of(upload.json, checked) == once, "what was masked and dropped stays so");
  }
  check_parts(kind, std::move(upload.json), std::move(checked));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view input = fuzz::text_of(data, size);
  const Kind& kind = fuzz::kind_named(fuzz::take_line(input));
  HttpRequest request;
  request.headers.emplace_back("content-type", fuzz::take_line(input));
  request.headers.emplace_back("content-encoding", fuzz::take_line(input));
  request.body = input;
  auto decoded = decode_upload(request, kMaxBodyBytes, [](std::size_t) { return true; });
  if (auto* body = std::get_if<UploadBody>(&decoded)) {
    check(body->json.size() <= std::max(kMaxBodyBytes, size), "a decoded body keeps to its limit");
    take(kind, std::move(*body));
  }
  return 0;
}
