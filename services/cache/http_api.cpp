#include "services/cache/http_api.h"

#include <chrono>
#include <memory>
#include <utility>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/http/problem_response.h"
#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"
#include "services/cache/views/arguments.h"
#include "services/cache/views/library.h"

namespace comporta {
namespace {

constexpr std::string_view kRecords = "/api/v1/records/";
constexpr std::string_view kBatches = "/api/v1/batches/";
constexpr std::string_view kViews = "/api/v1/views/";
constexpr std::string_view kRecent = "/api/v1/recent/";

constexpr std::size_t kTagDigits = 32;
constexpr std::string_view kNoKind = "There is no such kind; see /api/v1/kinds.";

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

bool lists_tag(std::string_view if_none_match, std::string_view tag) {
  return trim(if_none_match) == "*" || if_none_match.find(tag) != std::string_view::npos;
}

/// May be kept by the one who asked, to be asked for again with its tag.
HttpResponse tagged(std::string body, const HttpRequest& request) {
  const std::string tag = "\"" + to_hex(sha256(body)).substr(0, kTagDigits) + "\"";
  HttpResponse response{.body = std::move(body)};
  if (lists_tag(request.header("if-none-match"), tag)) response = {.status = 304};
  response.headers = {{"ETag", tag}, {"Cache-Control", "private, no-cache"}};
  return response;
}

std::string record_json(std::string_view kind, std::string_view key, const FoundRecord& found) {
  std::string seconds = "null";
  if (found.remaining)
    seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(*found.remaining).count());
  return "{\"kind\":" + json_string(kind) + ",\"key\":" + json_string(key) + ",\"record\":" + found.value +
         ",\"ttl_seconds\":" + seconds + "}";
}

std::string parked_json(const ParkedPart& part) {
  std::string json = "{";
  if (!part.upload.empty())
    json += "\"upload\":" + json_string(part.upload) + ",\"part\":" + std::to_string(part.part) + ",";
  return json + "\"reason\":" + json_string(part.reason) + "}";
}

std::string_view state_of(const std::optional<AppliedBatch>& batch) {
  if (!batch) return "pending";
  if (batch->parked.empty()) return "applied";
  return batch->parts > 0 ? "partly" : "parked";
}

std::string batch_json(std::string_view id, const std::optional<AppliedBatch>& batch) {
  const std::string_view state = state_of(batch);
  std::string json = "{\"batch\":" + json_string(id) + ",\"state\":" + json_string(state) +
                     ",\"applied\":" + (state == "applied" ? "true" : "false");
  if (!batch) return json + "}";
  json += ",\"applied_at\":" + json_string(batch->applied_at) + ",\"parts\":" + std::to_string(batch->parts) +
          ",\"records\":" + std::to_string(batch->records);
  if (!batch->parked.empty()) json += ",\"parked\":[";
  for (const ParkedPart& part : batch->parked) json += parked_json(part) + ",";
  if (!batch->parked.empty()) json.back() = ']';
  return json + "}";
}

}  // namespace

HttpResponse HttpApi::answer(const HttpRequest& request) {
  try {
    Answer answer = route(request);
    if (const auto* problem = std::get_if<Problem>(&answer))
      return not_to_be_kept(refusal(*problem, request));
    std::string& body = std::get<std::string>(answer);
    const std::string_view path = request.path;
    if (path.starts_with(kViews) || path.starts_with(kRecent)) return tagged(std::move(body), request);
    return not_to_be_kept({.body = std::move(body)});
  } catch (const TransientError&) {
    return not_to_be_kept(refusal(unavailable("The cache cannot be read just now."), request));
  }
}

HttpApi::Answer HttpApi::route(const HttpRequest& request) {
  const std::string_view path = request.path;
  const auto behind = [path](std::string_view start) { return path.substr(start.size()); };
  const bool known = path.starts_with(kRecords) || path.starts_with(kBatches) || path.starts_with(kViews) ||
                     path.starts_with(kRecent);
  if (!known) return not_found("There is nothing at this path.");
  if (!request.is_read()) return method_not_allowed("GET, HEAD");
  if (path.starts_with(kBatches)) return find_batch(behind(kBatches));
  if (path.starts_with(kViews)) return ask_view(behind(kViews), request.query);
  if (path.starts_with(kRecent)) return ask(kinds_.find(behind(kRecent)), kRecentView, request.query);
  return find_record(behind(kRecords));
}

/// The key is everything behind the kind, slashes included.
HttpApi::Answer HttpApi::find_record(std::string_view kind_and_key) {
  const std::size_t slash = kind_and_key.find('/');
  const std::string_view kind = kind_and_key.substr(0, slash);
  const Kind* known = kinds_.find(kind);
  if (known == nullptr) return not_found(std::string(kNoKind));
  if (slash == std::string_view::npos) return not_found("A record's key is missing.");
  const auto key = percent_decode(kind_and_key.substr(slash + 1));
  if (!key) return bad_request("The key is not percent-encoded correctly.");
  auto found = store_.find_record(kind, *key);
  if (found) limit_time(*found, known->ttl);
  const bool is_over = found && found->remaining && found->remaining->count() <= 0;
  if (!found || is_over) return not_found("No such record is in the cache, or its time there is over.");
  return record_json(kind, *key, *found);
}

/// A store may keep a record with views for longer than its time, which begins with its arrival.
void HttpApi::limit_time(FoundRecord& found, std::chrono::milliseconds ttl) const {
  using std::chrono::milliseconds;
  if (!found.arrival_ms || ttl.count() == 0) return;
  const auto now = std::chrono::floor<milliseconds>(clock_().time_since_epoch());
  const auto left = std::min(ttl, milliseconds(*found.arrival_ms) + ttl - now);
  found.remaining = std::min(left, found.remaining.value_or(left));
}

HttpApi::Answer HttpApi::find_batch(std::string_view id) {
  if (!is_uuid_v7(id)) return bad_request("A batch id is a UUIDv7 in lower case.");
  return batch_json(id, store_.find_batch(id));
}

/// Behind the view may stand the value of the one parameter that it must have.
HttpApi::Answer HttpApi::ask_view(std::string_view kind_and_view, std::string_view query) {
  const std::size_t slash = kind_and_view.find('/');
  if (slash == std::string_view::npos) return not_found("A view's name is missing.");
  const Kind* kind = kinds_.find(kind_and_view.substr(0, slash));
  const std::string_view view_and_value = kind_and_view.substr(slash + 1);
  const std::string_view view = view_and_value.substr(0, view_and_value.find('/'));
  if (view.size() == view_and_value.size()) return ask(kind, view, query);
  const KindQuery* declared = kind == nullptr ? nullptr : find_view(*kind, view);
  const auto same =
      declared == nullptr ? std::nullopt : as_query(*declared, view_and_value.substr(view.size() + 1), query);
  return same ? ask(kind, view, *same) : not_found("There is nothing at this path.");
}

HttpApi::Answer HttpApi::ask(const Kind* kind, std::string_view view, std::string_view query) {
  if (kind == nullptr) return not_found(std::string(kNoKind));
  const KindQuery* declared = has_views(*kind) ? find_view(*kind, view) : nullptr;
  if (declared == nullptr) return not_found("The kind has no such view; /api/v1/kinds says which it has.");
  auto arguments = read_arguments(*declared, query);
  if (auto* problem = std::get_if<Problem>(&arguments)) return std::move(*problem);
  using enum ViewAnswer::Outcome;
  ViewAnswer answer =
      store_.query({*kind, std::string(view), std::move(std::get<std::string>(arguments)), clock_()});
  if (answer.outcome == kFound) return std::move(answer.text);
  if (answer.outcome == kMissing) return not_found("The view knows nothing of what was asked for.");
  if (answer.outcome == kBadArgument)
    return bad_parameter("`" + answer.text + "` is not as it was handed out.");
  log_error("a view failed", {{"kind", kind->name}, {"view", view}, {"reason", answer.text}});
  return Problem{
      .status = 500, .title = "Internal Server Error", .detail = "The view failed; the log says why."};
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
