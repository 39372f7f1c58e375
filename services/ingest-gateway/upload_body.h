#pragma once
// From an HTTP body to the JSON or CSV in it: content type, gzip, multipart.

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "common/base/problem.h"
#include "common/csv/text.h"
#include "common/http/server.h"
#include "common/json/record_schema.h"
#include "services/ingest-gateway/gzip.h"

namespace comporta::gateway {

/// What is said of a table: RFC 4180, RFC 7111.
struct CsvDeclaration {
  CsvCharset charset = CsvCharset::kUtf8;
  bool has_names = true;  ///< in its first line
};

struct UploadBody {
  std::string json;  ///< or CSV, until csv_upload.h has read it
  UploadFormat format;
  std::optional<CsvDeclaration> csv = {};
};

/// Whether the body is to be unpacked, and may become as large as that allows, whatever its size is.
bool is_encoded(const HttpRequest& request);

/// Whether it is a table, which becomes larger than it is, by its own type or that of the file in its form.
bool is_csv(const HttpRequest& request);

/// Takes the body out of `request`. Its Content-Type must be application/json, application/x-ndjson (or
/// application/ndjson), text/csv, or multipart/form-data with one file part and nothing else; its
/// Content-Encoding gzip or none. The Problem is 415 where the type or encoding is another, 413 where more
/// than `max_body_bytes` come out of gzip, 503 where `may_hold` does not allow what the body and its content
/// hold together, and 400 where the body is not what it says it is.
std::variant<UploadBody, Problem> decode_upload(HttpRequest& request, std::size_t max_body_bytes,
                                                const MayHold& may_hold);

}  // namespace comporta::gateway
