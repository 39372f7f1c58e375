#include "services/storage/s3_client.h"

#include <utility>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/http_client/client.h"

namespace comporta {
namespace {

/// A page of 1,000 objects is under 1 MiB, and so is every object that storage writes.
constexpr std::size_t kMaxResponseBytes = std::size_t{8} << 20;

std::string host_of(const std::string& endpoint) {
  return endpoint.substr(endpoint.find("://") + 3);
}

}  // namespace

std::string S3Response::error_code() const {
  constexpr std::string_view kOpen = "<Code>";
  const std::size_t begin = body.find(kOpen);
  if (begin == std::string::npos) return {};
  const std::size_t end = body.find('<', begin + kOpen.size());
  if (end == std::string::npos || end - begin > 100) return {};
  return body.substr(begin + kOpen.size(), end - begin - kOpen.size());
}

std::string S3Response::fault() const {
  const std::string asked = request.method + (request.object.empty() ? " bucket" : " " + request.object);
  if (status == 0) return asked + ": " + transport_fault;
  const std::string code = error_code();
  return asked + ": S3 answers " + std::to_string(status) + (code.empty() ? "" : " " + code);
}

struct S3Client::Impl {
  const S3Settings settings;
  std::map<std::uint64_t, S3Request> requests = {};  ///< by token, as they were started
  HttpClient client;

  Impl(S3Settings made_with, std::size_t max_connections)
      : settings(std::move(made_with)), client({.max_connections = max_connections}) {}

  OutgoingRequest signed_request(const S3Request& request) const {
    static const std::string kNoBody = to_hex(sha256(""));
    SignedRequest out{
        .method = request.method,
        .path = uri_encode_path("/" + settings.bucket + (request.object.empty() ? "" : "/" + request.object)),
        .query = canonical_query(request.query),
        .headers = request.headers,
        .payload_sha256 = request.body ? request.body_sha256 : kNoBody};
    out.headers["host"] = host_of(settings.endpoint);
    sign(out, settings.credentials, WallClock::now());
    return {.method = request.method,
            .url = settings.endpoint + out.path + (out.query.empty() ? "" : "?" + out.query),
            .headers = std::move(out.headers),
            .body = request.body,
            .connect_timeout = settings.connect_timeout,
            .timeout = settings.request_timeout,
            .max_answer_bytes = kMaxResponseBytes,
            .to_any_address = true};
  }

  S3Response response(IncomingAnswer answer) {
    S3Response response{.token = answer.token,
                        .request = std::move(requests.extract(answer.token).mapped()),
                        .status = answer.status,
                        .body = std::move(answer.body),
                        .transport_fault = {}};
    if (response.status == 0) response.transport_fault = settings.endpoint + ": " + answer.fault_detail;
    return response;
  }
};

S3Client::S3Client(const S3Settings& settings, std::size_t max_connections)
    : impl_(std::make_unique<Impl>(settings, max_connections)) {}

S3Client::~S3Client() = default;

void S3Client::start(std::uint64_t token, S3Request request) {
  impl_->client.start(token, impl_->signed_request(request));
  check(impl_->requests.emplace(token, std::move(request)).second, "tokens in flight differ");
}

std::vector<S3Response> S3Client::poll(int wake_fd, std::chrono::milliseconds limit) {
  std::vector<S3Response> responses;
  for (IncomingAnswer& answer : impl_->client.poll(wake_fd, limit))
    responses.push_back(impl_->response(std::move(answer)));
  return responses;
}

S3Response S3Client::send(S3Request request) {
  check(impl_->client.in_flight() == 0, "send() is for a client with nothing in flight");
  start(0, std::move(request));
  for (;;) {
    std::vector<S3Response> responses = poll(-1, std::chrono::seconds(1));
    if (!responses.empty()) return std::move(responses.front());
  }
}

}  // namespace comporta
