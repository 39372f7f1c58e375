#include "services/ingest-gateway/http_api.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/text.h"
#include "common/http/cross_site.h"
#include "common/http/problem_response.h"
#include "common/telemetry/trace.h"
#include "services/ingest-gateway/door.h"
#include "services/ingest-gateway/kinds_json.h"
#include "services/ingest-gateway/one_record.h"
#include "services/ingest-gateway/openapi.h"

namespace comporta::gateway {
namespace {

constexpr std::string_view kRecords = "/api/v1/records/";
constexpr std::string_view kHooks = "/api/v1/hooks/";

HttpResponse problem_for(const Problem& problem, const HttpRequest& request) {
  return problem_response(problem, request.path, trace_id(request.header("traceparent")));
}

std::optional<Problem> read_upload(const HttpRequest& request) {
  if (request.method != "POST") return method_not_allowed("POST");
  return std::nullopt;
}

/// GET and HEAD are for the daemon that has the record, but belong to the same address.
std::optional<Problem> read_record(const HttpRequest& request, std::string_view sent_key, Intake& intake) {
  if (request.method != "PUT" && request.method != "DELETE")
    return method_not_allowed("GET, HEAD, PUT, DELETE");
  intake.key = sent_key;
  intake.is_delete = request.method == "DELETE";
  return std::nullopt;
}

Problem bad_key(std::string detail) {
  return {.status = 400, .title = "Bad key", .detail = std::move(detail)};
}

/// Puts the key as the record has it in the place of the one that was sent.
std::optional<Problem> read_key(Intake& intake) {
  const std::optional<std::string> key = decode_key(intake.key);
  if (!key) return bad_key("the key in the path is empty, or not percent-encoded UTF-8");
  intake.key = key_in_form(*intake.kind, *key);
  if (intake.key.empty())
    return bad_key("the key in the path has nothing of what a `" + intake.kind->key + "` is made of");
  return std::nullopt;
}

/// Whoever sends a parameter means something by it: none is passed over.
std::optional<Problem> read_parameters(const HttpRequest& request, Intake& intake) {
  const auto parameters = parse_query(request.query);
  if (!parameters) return bad_query();
  for (const auto& [name, value] : *parameters) {
    if (name != "dry_run") return bad_parameter("there is no parameter `" + name + "` here, only `dry_run`");
    if (value != "true" && value != "false") return bad_parameter("`dry_run` is true or false");
    intake.dry_run = value == "true";
  }
  return std::nullopt;
}

HttpResponse sample_response(const KindSample& sample) {
  const std::string_view file = sample.file;
  const bool lines = file.ends_with(".ndjson") || file.ends_with(".jsonl");
  const std::string_view type = lines                    ? "application/x-ndjson"
                                : file.ends_with(".csv") ? "text/csv"
                                                         : "application/json";
  return {.content_type = std::string(type), .body = sample.content};
}

}  // namespace

HttpApi::HttpApi(const KindSet& kinds, Gatekeeper& keeper, const Hooks& hooks, Ingest& ingest,
                 const PasswordRules& passwords)
    : kinds_(kinds),
      keeper_(keeper),
      hooks_(hooks),
      ingest_(ingest),
      kinds_json_(kinds_json(kinds, keeper)),
      openapi_json_(openapi_json(kinds, keeper, passwords.least)) {}

void HttpApi::handle(HttpRequest request, Responder responder) const {
  const std::string_view path = request.path;
  if (path == kKindsPath || path.starts_with(std::string(kKindsPath) + "/")) {
    return responder.send(answer_kinds(request));
  }
  if (path == kOpenApiPath) return responder.send(answer_openapi(request));
  auto intake = path.starts_with(kHooks) ? take_notice(request) : intake_of(request);
  if (const auto* problem = std::get_if<Problem>(&intake))
    return responder.send(problem_for(*problem, request));
  ingest_.receive(std::get<Intake>(std::move(intake)), std::move(request), std::move(responder));
}

/// What is asked for, without a look at the body; or why that cannot be.
std::variant<Intake, Problem> HttpApi::intake_of(const HttpRequest& request) const {
  const std::string_view path = request.path;
  if (!path.starts_with(kRecords)) return not_found("there is nothing at this path");
  const std::string_view rest = path.substr(kRecords.size());
  const std::size_t slash = rest.find('/');
  const bool is_one_record = slash != std::string_view::npos;
  Intake intake{.kind = kinds_.find(rest.substr(0, slash))};
  if (intake.kind == nullptr) return not_found("there is no such kind; see /api/v1/kinds");
  if (auto problem =
          is_one_record ? read_record(request, rest.substr(slash + 1), intake) : read_upload(request))
    return *std::move(problem);
  if (auto problem = unless_from_here(request)) return *problem;
  if (auto problem = read_parameters(request, intake)) return *problem;
  if (auto problem = unless_allowed(keeper_, request, intake)) return *problem;
  if (is_one_record)
    if (auto problem = read_key(intake)) return *std::move(problem);
  return intake;
}

/// Of the notice nothing is left in the request but the record that it becomes.
std::variant<Intake, Problem> HttpApi::take_notice(HttpRequest& request) const {
  const Kind* const kind = kinds_.find(std::string_view(request.path).substr(kHooks.size()));
  if (kind == nullptr || !kind->hook) return not_found("nobody outside may tell anything here");
  if (request.method != "POST") return method_not_allowed("POST");
  if (auto problem = unless_from_here(request)) return *problem;
  auto record = hooks_.record_of(*kind, request);
  if (auto* problem = std::get_if<Problem>(&record)) return std::move(*problem);
  std::string trace(request.header("traceparent"));
  std::string begins(request.header("trace-begins"));
  request.headers = {{"content-type", "application/json"},
                     {"traceparent", std::move(trace)},
                     {"trace-begins", std::move(begins)}};
  request.body = std::get<std::string>(std::move(record));
  return Intake{.kind = kind, .hook = &*kind->hook};
}

HttpResponse HttpApi::answer_openapi(const HttpRequest& request) const {
  if (!request.is_read()) return problem_for(method_not_allowed("GET, HEAD"), request);
  return {.body = openapi_json_};
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
