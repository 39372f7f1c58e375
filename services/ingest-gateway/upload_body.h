#pragma once
// From an HTTP body to the JSON in it: content type, gzip, multipart.

#include <cstddef>
#include <string>
#include <variant>

#include "common/base/problem.h"
#include "common/http/server.h"
#include "common/json/record_schema.h"
#include "services/ingest-gateway/gzip.h"

namespace comporta::gateway {

struct UploadBody {
  std::string json;
  UploadFormat format;
};

/// Whether the body is to be unpacked, and may become as large as that allows, whatever its size is.
bool is_encoded(const HttpRequest& request);

/// Takes the body out of `request`. Its Content-Type must be application/json, application/x-ndjson (or
/// application/ndjson), or multipart/form-data with one file part and nothing else; its Content-Encoding gzip
/// or none. The Problem is 415 where the type or encoding is another, 413 where more than `max_body_bytes`
/// come out of gzip, 503 where `may_hold` does not allow what the body and its content hold together, and 400
/// where the body is not what it says it is.
std::variant<UploadBody, Problem> decode_upload(HttpRequest& request, std::size_t max_body_bytes,
                                                const MayHold& may_hold);

}  // namespace comporta::gateway
