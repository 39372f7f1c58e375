#include "services/storage/sigv4.h"

#include <array>
#include <ctime>

#include "common/base/digest.h"
#include "common/base/text.h"

namespace comporta {
namespace {

/// `20130524T000000Z`
std::string basic_time(WallClock::time_point now) {
  const std::time_t seconds = WallClock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 17> text{};
  std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
  return text.data();
}

struct CanonicalHeaders {
  std::string lines;
  std::string names;
};

CanonicalHeaders canonical_headers(const std::map<std::string, std::string>& headers) {
  CanonicalHeaders result;
  for (const auto& [name, value] : headers) {
    result.lines.append(name).append(":").append(value).append("\n");
    if (!result.names.empty()) result.names += ';';
    result.names += name;
  }
  return result;
}

Sha256 signing_key(const S3Credentials& credentials, const std::string& date) {
  const Sha256 day = hmac_sha256("AWS4" + credentials.secret_key, date);
  const Sha256 region = hmac_sha256(as_text(day), credentials.region);
  const Sha256 service = hmac_sha256(as_text(region), "s3");
  return hmac_sha256(as_text(service), "aws4_request");
}

}  // namespace

std::string uri_encode_path(std::string_view path) {
  return percent_encode(path, "/");
}

std::string canonical_query(const std::map<std::string, std::string>& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (!query.empty()) query += '&';
    query += percent_encode(name) + "=" + percent_encode(value);
  }
  return query;
}

void sign(SignedRequest& request, const S3Credentials& credentials, WallClock::time_point now) {
  const std::string time = basic_time(now);
  const std::string date = time.substr(0, 8);
  request.headers["x-amz-date"] = time;
  request.headers["x-amz-content-sha256"] = request.payload_sha256;

  const CanonicalHeaders headers = canonical_headers(request.headers);
  const std::string canonical_request = request.method + "\n" + request.path + "\n" + request.query + "\n" +
                                        headers.lines + "\n" + headers.names + "\n" + request.payload_sha256;
  const std::string scope = date + "/" + credentials.region + "/s3/aws4_request";
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + to_hex(sha256(canonical_request));
  const Sha256 signature = hmac_sha256(as_text(signing_key(credentials, date)), to_sign);

  request.headers["authorization"] = "AWS4-HMAC-SHA256 Credential=" + credentials.access_key + "/" + scope +
                                     ",SignedHeaders=" + headers.names + ",Signature=" + to_hex(signature);
}

}  // namespace comporta
