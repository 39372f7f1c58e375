#include "services/ingest-gateway/upload.h"

#include <algorithm>

#include "common/base/error.h"
#include "common/base/json_text.h"
#include "common/base/text.h"

namespace comporta::gateway {
namespace {

constexpr std::size_t kShownRecords = 20;

std::size_t length(const RecordSlice& record) {
  return record.end - record.begin;
}

/// What a table was taken for: the members of its columns, and the first records.
std::string as_understood(const Upload& upload, const CsvPlaces& table) {
  std::string json =
      ",\"columns\":" + json_object(table.columns, [](const std::string& name) { return json_string(name); });
  if (!upload.kind->account.password.empty()) return json;
  std::string first;
  for (std::size_t i = 0; i < std::min(upload.records.size(), kShownRecords); ++i)
    first.append(i == 0 ? "" : ",").append(upload.body, upload.records[i].begin, length(upload.records[i]));
  return json + ",\"first\":[" + first + "]";
}

}  // namespace

bool fit_into_parts(const std::vector<RecordSlice>& records) {
  return std::ranges::all_of(
      records, [](const RecordSlice& record) { return record.end - record.begin < kMaxPartRecordBytes; });
}

std::vector<PartRange> cut_into_parts(const std::vector<RecordSlice>& records) {
  std::vector<PartRange> parts;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::size_t bytes = length(records[i]) + 1;  // and its comma
    const bool fits = !parts.empty() && parts.back().count < kMaxPartRecords &&
                      parts.back().bytes + bytes <= kMaxPartRecordBytes;
    if (!fits) parts.push_back({.first = i, .count = 0, .bytes = 0});
    ++parts.back().count;
    parts.back().bytes += bytes;
  }
  return parts;
}

void Upload::append_part(std::string& out, std::size_t index) {
  const PartRange& range = parts.at(index);
  std::string joined;
  joined.reserve(range.bytes);
  for (std::size_t i = range.first; i < range.first + range.count; ++i) {
    if (!joined.empty()) joined.push_back(',');
    joined.append(body, records[i].begin, length(records[i]));
  }
  header.part = index + 1;
  header.first = range.first;
  append_part_line(out, header, joined);
}

std::string forecast(const Upload& upload, const CsvPlaces& table) {
  return "{\"dry_run\":true,\"kind\":\"" + upload.kind->name +
         "\",\"records\":" + std::to_string(upload.records.size()) +
         ",\"parts\":" + std::to_string(upload.parts.size()) +
         (table.columns.empty() ? "" : as_understood(upload, table)) + "}";
}

std::string receipt(const Upload& upload) {
  std::string batches;
  std::string batch_links;
  std::string object_links;
  std::string status = "/api/v1/uploads/" + upload.header.upload;
  for (const std::string& batch : upload.batches) {
    const auto object = object_name(upload.kind->name, batch);
    check(object.has_value(), "our own batch ids name objects");
    const std::string_view comma = batches.empty() ? "" : ",";
    batches.append(comma).append("\"").append(batch).append("\"");
    batch_links.append(comma).append("\"/api/v1/batches/").append(batch).append("\"");
    object_links.append(comma).append("\"/api/v1/objects/").append(*object);
    status.append(comma.empty() ? "?batch=" : "&batch=").append(batch);
    object_links.append("?upload=").append(upload.header.upload).append("\"");
  }
  return "{\"upload\":\"" + upload.header.upload + "\",\"kind\":\"" + upload.kind->name +
         "\",\"records\":" + std::to_string(upload.records.size()) + ",\"batches\":[" + batches +
         "],\"status\":\"" + status + "\",\"links\":{\"batches\":[" + batch_links + "],\"objects\":[" +
         object_links + "]}}";
}

}  // namespace comporta::gateway
