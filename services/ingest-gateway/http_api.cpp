#include "services/ingest-gateway/http_api.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/http/problem_response.h"
#include "common/telemetry/trace.h"
#include "services/ingest-gateway/kinds_json.h"
#include "services/ingest-gateway/one_record.h"

namespace comporta::gateway {
namespace {

constexpr std::string_view kRecords = "/api/v1/records/";

HttpResponse problem_for(const Problem& problem, const HttpRequest& request) {
  return problem_response(problem, request.path, trace_id(request.header("traceparent")));
}

HttpResponse sample_response(const KindSample& sample) {
  const bool lines = sample.file.ends_with(".ndjson");
  return {.content_type = lines ? "application/x-ndjson" : "application/json", .body = sample.content};
}

}  // namespace

HttpApi::HttpApi(const KindSet& kinds, Ingest& ingest)
    : kinds_(kinds), ingest_(ingest), kinds_json_(kinds_json(kinds)) {}

void HttpApi::handle(HttpRequest request, Responder responder) const {
  const std::string_view path = request.path;
  if (path == kKindsPath || path.starts_with(std::string(kKindsPath) + "/")) {
    return responder.send(answer_kinds(request));
  }
  if (!path.starts_with(kRecords)) {
    return responder.send(problem_for(not_found("there is nothing at this path"), request));
  }
  const std::string_view rest = path.substr(kRecords.size());
  const std::size_t slash = rest.find('/');
  const Kind* const kind = kinds_.find(rest.substr(0, slash));
  if (kind == nullptr) {
    return responder.send(problem_for(not_found("there is no such kind; see /api/v1/kinds"), request));
  }
  if (slash == std::string_view::npos) return take_upload(*kind, std::move(request), std::move(responder));
  take_record(*kind, std::string(rest.substr(slash + 1)), std::move(request), std::move(responder));
}

void HttpApi::take_upload(const Kind& kind, HttpRequest request, Responder responder) const {
  if (request.method != "POST") {
    return responder.send(problem_for(method_not_allowed("POST"), request));
  }
  ingest_.receive({.kind = &kind}, std::move(request), std::move(responder));
}

/// GET and HEAD are for the daemon that has the record, but belong to the same address.
void HttpApi::take_record(const Kind& kind, const std::string& sent_key, HttpRequest request,
                          Responder responder) const {
  if (request.method != "PUT" && request.method != "DELETE") {
    return responder.send(problem_for(method_not_allowed("GET, HEAD, PUT, DELETE"), request));
  }
  std::optional<std::string> key = decode_key(sent_key);
  if (!key) {
    return responder.send(problem_for(
        {.status = 400, .title = "Bad key", .detail = "the key in the path is not percent-encoded UTF-8"},
        request));
  }
  const bool is_delete = request.method == "DELETE";
  ingest_.receive({.kind = &kind, .key = std::move(*key), .is_delete = is_delete}, std::move(request),
                  std::move(responder));
}

HttpResponse HttpApi::answer_kinds(const HttpRequest& request) const {
  if (!request.is_read()) return problem_for(method_not_allowed("GET, HEAD"), request);
  if (request.path == kKindsPath) return {.body = kinds_json_};
  const std::string_view rest =
      std::string_view(request.path).substr(std::string_view(kKindsPath).size() + 1);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const Kind* const kind = kinds_.find(rest.substr(0, slash));
  const std::string_view what = rest.substr(slash);
  if (kind != nullptr && what == "/schema.json")
    return {.content_type = "application/schema+json", .body = kind->schema};
  constexpr std::string_view kSamples = "/samples/";
  if (kind != nullptr && what.starts_with(kSamples)) {
    const auto file = percent_decode(what.substr(kSamples.size()));
    const auto sample = std::ranges::find_if(kind->samples, [&](const auto& s) { return s.file == file; });
    if (sample != kind->samples.end()) return sample_response(*sample);
  }
  return problem_for(not_found("there is no such kind, schema or sample; see /api/v1/kinds"), request);
}

}  // namespace comporta::gateway
