#include "services/ingest-gateway/http_api.h"

#include <algorithm>
#include <utility>

#include "common/problem.h"
#include "common/text.h"
#include "common/trace.h"

namespace comporta::gateway {
namespace {

constexpr std::string_view kRecords = "/api/v1/records/";
constexpr std::string_view kKinds = "/api/v1/kinds";

std::string titles_json(std::string_view pt, std::string_view en) {
  return "{\"pt\":" + json_string(pt) + ",\"en\":" + json_string(en) + "}";
}

template <typename Range, typename ToJson>
std::string json_array(const Range& range, ToJson to_json) {
  std::string out = "[";
  for (const auto& item : range) {
    if (out.size() > 1) out.push_back(',');
    out.append(to_json(item));
  }
  return out + "]";
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
    }
  }
  return out;
}

std::string kind_json(const Kind& kind) {
  const std::string base = std::string(kKinds) + "/" + kind.name;
  const auto sample_json = [&](const KindSample& sample) {
    return "{\"file\":" + json_string(sample.file) +
           ",\"title\":" + titles_json(sample.title_pt, sample.title_en) +
           ",\"href\":" + json_string(base + "/samples/" + percent_encode(sample.file)) + "}";
  };
  return "{\"name\":" + json_string(kind.name) + ",\"title\":" + titles_json(kind.title_pt, kind.title_en) +
         ",\"key\":" + json_string(kind.key) + ",\"ttl_seconds\":" + std::to_string(kind.ttl.count()) +
         ",\"cache_fields\":" + json_array(kind.cache_fields, [](const auto& f) { return json_string(f); }) +
         ",\"schema\":" + json_string(base + "/schema.json") +
         ",\"samples\":" + json_array(kind.samples, sample_json) + "}";
}

HttpResponse problem_for(const Problem& problem, const HttpRequest& request) {
  return problem_response(problem, request.path, trace_id(request.header("traceparent")));
}

HttpResponse sample_response(const KindSample& sample) {
  const bool lines = sample.file.ends_with(".ndjson");
  return {.content_type = lines ? "application/x-ndjson" : "application/json", .body = sample.content};
}

}  // namespace

HttpApi::HttpApi(const KindSet& kinds, Ingest& ingest) : kinds_(kinds), ingest_(ingest) {
  kinds_json_ =
      "{\"kinds\":" + json_array(kinds.all(), [](const auto& entry) { return kind_json(entry.second); }) +
      "}";
}

void HttpApi::handle(HttpRequest request, Responder responder) const {
  const std::string_view path = request.path;
  if (path == kKinds || path.starts_with(std::string(kKinds) + "/")) {
    return responder.send(answer_kinds(request));
  }
  if (!path.starts_with(kRecords)) {
    return responder.send(problem_for(not_found("there is nothing at this path"), request));
  }
  const Kind* const kind = kinds_.find(path.substr(kRecords.size()));
  if (kind == nullptr) {
    return responder.send(problem_for(not_found("there is no such kind; see /api/v1/kinds"), request));
  }
  if (request.method != "POST") {
    return responder.send(problem_for(method_not_allowed("POST"), request));
  }
  ingest_.receive(*kind, std::move(request), std::move(responder));
}

HttpResponse HttpApi::answer_kinds(const HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    return problem_for(method_not_allowed("GET, HEAD"), request);
  }
  if (request.path == kKinds) return {.body = kinds_json_};
  const std::string_view rest = std::string_view(request.path).substr(kKinds.size() + 1);
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
