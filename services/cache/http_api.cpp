#include "services/cache/http_api.h"

#include <chrono>
#include <memory>
#include <utility>

#include "common/error.h"
#include "common/text.h"
#include "common/trace.h"
#include "common/uuid.h"

namespace comporta {
namespace {

constexpr std::string_view kRecords = "/api/v1/records/";
constexpr std::string_view kBatches = "/api/v1/batches/";

Problem bad_request(std::string detail) {
  return {.status = 400, .title = "Bad request", .detail = std::move(detail)};
}

HttpResponse refusal(const Problem& problem, const HttpRequest& request) {
  const std::string traceparent = continue_trace(request.header("traceparent"));
  return problem_response(problem, request.path, trace_id(traceparent));
}

/// Whatever is said here may be out of date a moment later.
HttpResponse not_to_be_kept(HttpResponse response) {
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

std::string record_json(std::string_view kind, std::string_view key, const FoundRecord& found) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(found.remaining).count();
  return "{\"kind\":" + json_string(kind) + ",\"key\":" + json_string(key) + ",\"record\":" + found.value +
         ",\"ttl_seconds\":" + std::to_string(seconds) + "}";
}

std::string batch_json(std::string_view id, const std::optional<AppliedBatch>& batch) {
  const std::string start = "{\"batch\":" + json_string(id) + ",\"applied\":";
  if (!batch) return start + "false}";
  return start + "true,\"applied_at\":" + json_string(batch->applied_at) +
         ",\"parts\":" + std::to_string(batch->parts) + ",\"records\":" + std::to_string(batch->records) +
         "}";
}

}  // namespace

HttpResponse HttpApi::answer(const HttpRequest& request) {
  try {
    Answer answer = route(request);
    if (const auto* problem = std::get_if<Problem>(&answer))
      return not_to_be_kept(refusal(*problem, request));
    return not_to_be_kept({.body = std::move(std::get<std::string>(answer))});
  } catch (const TransientError&) {
    return not_to_be_kept(refusal(unavailable("The cache cannot be read just now."), request));
  }
}

HttpApi::Answer HttpApi::route(const HttpRequest& request) {
  const std::string_view path = request.path;
  const bool known = path.starts_with(kRecords) || path.starts_with(kBatches);
  if (!known) return not_found("There is nothing at this path.");
  if (request.method != "GET") return method_not_allowed("GET");
  if (path.starts_with(kBatches)) return find_batch(path.substr(kBatches.size()));
  return find_record(path.substr(kRecords.size()));
}

/// The key is everything behind the kind, slashes included.
HttpApi::Answer HttpApi::find_record(std::string_view kind_and_key) {
  const std::size_t slash = kind_and_key.find('/');
  const std::string_view kind = kind_and_key.substr(0, slash);
  if (kinds_.find(kind) == nullptr) return not_found("There is no such kind.");
  if (slash == std::string_view::npos) return not_found("A record's key is missing.");
  const auto key = percent_decode(kind_and_key.substr(slash + 1));
  if (!key) return bad_request("The key is not percent-encoded correctly.");
  const auto found = store_.find_record(kind, *key);
  if (!found) return not_found("No such record is in the cache, or its time there is over.");
  return record_json(kind, *key, *found);
}

HttpApi::Answer HttpApi::find_batch(std::string_view id) {
  if (!is_uuid_v7(id)) return bad_request("A batch id is a UUIDv7 in lower case.");
  return batch_json(id, store_.find_batch(id));
}

HttpHandler answer_in(WorkerPool& pool, HttpApi& api) {
  return [&pool, &api](HttpRequest request, Responder responder) {
    struct Exchange {
      HttpRequest request;
      Responder responder;
    };
    const auto exchange = std::make_shared<Exchange>(std::move(request), std::move(responder));
    const auto work = [exchange, &api] {
      if (!exchange->responder.expired()) exchange->responder.send(api.answer(exchange->request));
    };
    if (!pool.submit(work))
      exchange->responder.send(
          not_to_be_kept(refusal(unavailable("Too many readers just now."), exchange->request)));
  };
}

}  // namespace comporta
