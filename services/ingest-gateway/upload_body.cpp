#include "services/ingest-gateway/upload_body.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/http/media_type.h"
#include "services/ingest-gateway/multipart.h"
#include "services/ingest-gateway/upload.h"

namespace comporta::gateway {
namespace {

constexpr std::string_view kHint =
    "Send application/json, application/x-ndjson, text/csv, or one file as multipart/form-data.";

Problem unsupported(std::string detail) {
  return {.status = 415,
          .type = "urn:comporta:problem:unsupported-media-type",
          .title = "The upload's type is not supported",
          .detail = std::move(detail)};
}

Problem malformed(std::string detail) {
  return {.status = 400,
          .type = "urn:comporta:problem:malformed-body",
          .title = "The upload cannot be read",
          .detail = std::move(detail)};
}

bool is_utf8_charset(std::string_view name) {
  return iequals(name, "utf-8") || iequals(name, "utf8");
}

std::string in_backticks(std::string_view text) {
  constexpr std::size_t kMost = 100;
  return "`" + std::string(utf8_prefix(text, kMost)) + (text.size() > kMost ? "…`" : "`");
}

/// What the bytes are said to be.
struct BodyFormat {
  UploadFormat json = UploadFormat::kJson;
  std::optional<CsvDeclaration> csv = {};
};
/// Or why not, for people.
using FormatOrFault = std::variant<BodyFormat, std::string>;

std::string parameter_of(const HeaderValue& type, const std::string& name) {
  const auto found = type.parameters.find(name);
  return found == type.parameters.end() ? "" : found->second;
}

FormatOrFault csv_format(const HeaderValue& type) {
  const std::string charset = parameter_of(type, "charset");
  const std::string header = parameter_of(type, "header");
  const std::optional<CsvCharset> known = csv_charset(charset);
  if (!known)
    return "The charset " + in_backticks(charset) + " is not taken: save the table as UTF-8 or windows-1252.";
  if (!header.empty() && !iequals(header, "present") && !iequals(header, "absent"))
    return "The parameter header is present or absent, not " + in_backticks(header) + ".";
  return BodyFormat{.csv = CsvDeclaration{.charset = *known, .has_names = !iequals(header, "absent")}};
}

FormatOrFault format_of(const HeaderValue& type) {
  if (type.main == "text/csv") return csv_format(type);
  const bool lines = type.main == "application/x-ndjson" || type.main == "application/ndjson";
  if (!lines && type.main != "application/json")
    return "The type " + in_backticks(type.main) + " is not taken.";
  const auto charset = type.parameters.find("charset");
  if (charset != type.parameters.end() && !is_utf8_charset(charset->second))
    return "The charset " + in_backticks(charset->second) + " is not taken: JSON is UTF-8.";
  return BodyFormat{lines ? UploadFormat::kNdjson : UploadFormat::kJson};
}

bool has_extension(std::string_view name, std::string_view extension) {
  return name.size() >= extension.size() && iequals(name.substr(name.size() - extension.size()), extension);
}

/// Browsers know no type for .ndjson and .jsonl files, and where there is a spreadsheet program they call
/// .csv files its own: the name decides then.
FormatOrFault part_format(const FilePart& part) {
  const std::optional<HeaderValue> type = parse_header_value(part.content_type);
  if (!part.content_type.empty() && !type)
    return "The type " + in_backticks(part.content_type) + " is malformed.";
  const bool is_table = has_extension(part.file_name, ".csv");
  const bool says_nothing = !type || type->main == "application/octet-stream" ||
                            (is_table && type->main == "application/vnd.ms-excel");
  if (!says_nothing) return format_of(*type);
  if (is_table) return BodyFormat{.csv = CsvDeclaration{}};
  const bool lines = has_extension(part.file_name, ".ndjson") || has_extension(part.file_name, ".jsonl");
  return BodyFormat{lines ? UploadFormat::kNdjson : UploadFormat::kJson};
}

/// The codings that have been applied to the body, but for those that change nothing.
std::vector<std::string_view> codings_of(const HttpRequest& request) {
  std::vector<std::string_view> codings;
  for (const auto& [name, value] : request.headers) {
    if (name != "content-encoding") continue;
    for (std::string_view rest = value; !rest.empty();) {
      const std::string_view one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      if (!trim(one).empty() && !iequals(trim(one), "identity")) codings.push_back(trim(one));
    }
  }
  return codings;
}

std::optional<Problem> decompress(HttpRequest& request, std::size_t max_body_bytes, const MayHold& may_hold) {
  const std::vector<std::string_view> codings = codings_of(request);
  if (codings.empty()) return std::nullopt;
  if (codings.size() > 1) return unsupported("More than one Content-Encoding is not taken: send gzip alone.");
  if (!iequals(codings[0], "gzip") && !iequals(codings[0], "x-gzip"))
    return unsupported("The Content-Encoding " + in_backticks(codings[0]) +
                       " is not taken: send gzip, or none.");
  const std::size_t compressed = request.body.capacity();
  auto content =
      gunzip(request.body, max_body_bytes, [&](std::size_t bytes) { return may_hold(compressed + bytes); });
  if (const auto* fault = std::get_if<GzipFault>(&content)) {
    if (*fault == GzipFault::kMalformed)
      return malformed("The body is not complete and valid gzip, though its Content-Encoding says so.");
    if (*fault == GzipFault::kNoRoom) return unavailable(kNoPlace);
    return Problem{
        .status = 413,
        .type = "urn:comporta:problem:too-large",
        .title = "The upload is too large",
        .detail = "Decompressed, an upload may have at most " + std::to_string(max_body_bytes) + " bytes."};
  }
  request.body = std::move(std::get<std::string>(content));
  return std::nullopt;
}

std::variant<UploadBody, Problem> extract_file(std::string body, const HeaderValue& type) {
  const auto boundary = type.parameters.find("boundary");
  const auto found = find_file_part(body, boundary == type.parameters.end() ? "" : boundary->second);
  if (const auto* fault = std::get_if<std::string>(&found))
    return malformed("Not a form with one file: " + *fault + ".");
  const FilePart& part = std::get<FilePart>(found);
  const auto format = part_format(part);
  if (const auto* fault = std::get_if<std::string>(&format))
    return unsupported("Of the file in the form: " + *fault +
                       " Give it application/json, application/x-ndjson or text/csv.");
  body.resize(part.end);
  body.erase(0, part.begin);
  const BodyFormat& known = std::get<BodyFormat>(format);
  return UploadBody{std::move(body), known.json, known.csv};
}

bool is_csv_form(const HttpRequest& request, const HeaderValue& type) {
  const auto found = find_file_part(request.body, parameter_of(type, "boundary"));
  if (!std::holds_alternative<FilePart>(found)) return false;
  const FormatOrFault format = part_format(std::get<FilePart>(found));
  const auto* known = std::get_if<BodyFormat>(&format);
  return known != nullptr && known->csv;
}

}  // namespace

bool is_encoded(const HttpRequest& request) {
  return !codings_of(request).empty();
}

bool is_csv(const HttpRequest& request) {
  constexpr std::string_view kJsonTypes = "application/";
  const std::string_view declared = trim(request.header("content-type"));
  if (iequals(declared.substr(0, kJsonTypes.size()), kJsonTypes)) return false;
  const std::optional<HeaderValue> type = parse_header_value(declared);
  if (!type) return false;
  return type->main == "text/csv" || (type->main == "multipart/form-data" && is_csv_form(request, *type));
}

std::variant<UploadBody, Problem> decode_upload(HttpRequest& request, std::size_t max_body_bytes,
                                                const MayHold& may_hold) {
  const std::string_view declared = request.header("content-type");
  if (declared.empty()) return unsupported("There is no Content-Type. " + std::string(kHint));
  const std::optional<HeaderValue> type = parse_header_value(declared);
  if (!type) return unsupported("The Content-Type is malformed. " + std::string(kHint));
  const bool is_form = type->main == "multipart/form-data";
  const FormatOrFault format = format_of(*type);
  if (const auto* fault = std::get_if<std::string>(&format); fault != nullptr && !is_form)
    return unsupported(*fault + " " + std::string(kHint));
  if (std::optional<Problem> problem = decompress(request, max_body_bytes, may_hold))
    return std::move(*problem);
  if (is_form) return extract_file(std::move(request.body), *type);
  const BodyFormat& known = std::get<BodyFormat>(format);
  return UploadBody{std::move(request.body), known.json, known.csv};
}

}  // namespace comporta::gateway
