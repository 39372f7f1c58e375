#include "services/ingest-gateway/upload_body.h"

#include <optional>
#include <utility>

#include "common/base/text.h"
#include "services/ingest-gateway/gzip.h"
#include "services/ingest-gateway/media_type.h"
#include "services/ingest-gateway/multipart.h"

namespace comporta::gateway {
namespace {

constexpr std::string_view kHint =
    "Send application/json, application/x-ndjson, or one file as multipart/form-data.";

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

/// Nothing for a type that is neither, and for a character set other than UTF-8.
std::optional<UploadFormat> json_format(const HeaderValue& type) {
  const auto charset = type.parameters.find("charset");
  if (charset != type.parameters.end() && !iequals(charset->second, "utf-8")) return std::nullopt;
  if (type.main == "application/json") return UploadFormat::kJson;
  if (type.main == "application/x-ndjson" || type.main == "application/ndjson") return UploadFormat::kNdjson;
  return std::nullopt;
}

bool has_extension(std::string_view name, std::string_view extension) {
  return name.size() >= extension.size() && iequals(name.substr(name.size() - extension.size()), extension);
}

/// Browsers know no type for .ndjson and .jsonl files: the name decides then.
std::optional<UploadFormat> part_format(const FilePart& part) {
  const std::optional<HeaderValue> type = parse_header_value(part.content_type);
  if (!part.content_type.empty() && !type) return std::nullopt;
  if (type && type->main != "application/octet-stream") return json_format(*type);
  const bool lines = has_extension(part.file_name, ".ndjson") || has_extension(part.file_name, ".jsonl");
  return lines ? UploadFormat::kNdjson : UploadFormat::kJson;
}

std::optional<Problem> decompress(HttpRequest& request, std::size_t max_body_bytes) {
  const std::string_view encoding = trim(request.header("content-encoding"));
  if (encoding.empty() || iequals(encoding, "identity")) return std::nullopt;
  if (!iequals(encoding, "gzip") && !iequals(encoding, "x-gzip"))
    return unsupported("The only Content-Encoding taken is gzip.");
  auto content = gunzip(request.body, max_body_bytes);
  if (const auto* fault = std::get_if<GzipFault>(&content)) {
    if (*fault == GzipFault::kMalformed) return malformed("The body is not complete and valid gzip.");
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
  const std::optional<UploadFormat> format = part_format(part);
  if (!format)
    return unsupported("The file in the form is not JSON or NDJSON in UTF-8, by its Content-Type.");
  body.resize(part.end);
  body.erase(0, part.begin);
  return UploadBody{std::move(body), *format};
}

}  // namespace

std::variant<UploadBody, Problem> decode_upload(HttpRequest& request, std::size_t max_body_bytes) {
  const std::string_view declared = request.header("content-type");
  if (declared.empty()) return unsupported("There is no Content-Type. " + std::string(kHint));
  const std::optional<HeaderValue> type = parse_header_value(declared);
  const std::optional<UploadFormat> format = type ? json_format(*type) : std::nullopt;
  const bool is_form = type && type->main == "multipart/form-data";
  if (!format && !is_form) return unsupported("This Content-Type is not taken. " + std::string(kHint));
  if (std::optional<Problem> problem = decompress(request, max_body_bytes)) return std::move(*problem);
  if (is_form) return extract_file(std::move(request.body), *type);
  return UploadBody{std::move(request.body), *format};
}

}  // namespace comporta::gateway
