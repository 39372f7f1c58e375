#pragma once
// AWS Signature Version 4 in the Authorization header, as S3 wants it. Pure.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

#include <map>
#include <string>
#include <string_view>

#include "common/base/uuid.h"

namespace comporta {

struct S3Credentials {
  std::string access_key;
  std::string secret_key;
  std::string region;
};

/// A request as it will be sent.
struct SignedRequest {
  std::string method;
  std::string path;                            ///< encoded
  std::string query = {};                      ///< as canonical_query() gives it
  std::map<std::string, std::string> headers;  ///< lower-case names, with `host`; all of them are signed
  std::string payload_sha256;                  ///< of the body, hexadecimal
};

/// Adds `x-amz-date`, `x-amz-content-sha256` and `authorization` to the headers. The signature holds for
/// 15 minutes around `now`, so that a repeated request is signed again.
void sign(SignedRequest& request, const S3Credentials& credentials, WallClock::time_point now);

/// Every byte but `A-Z a-z 0-9 - . _ ~ /` as %XX.
std::string uri_encode_path(std::string_view path);
/// Encoded `name=value` pairs, sorted by name, joined by `&`.
std::string canonical_query(const std::map<std::string, std::string>& parameters);

}  // namespace comporta
