#include "services/cache/http_api.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/http/problem_response.h"
#include "common/json/text_member.h"
#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"
#include "services/cache/listed.h"
#include "services/cache/views/asking.h"
#include "services/cache/views/library.h"
#include "services/cache/views/posted.h"

namespace comporta {
namespace {

constexpr std::string_view kRecords = "/api/v1/records/";
constexpr std::string_view kBatches = "/api/v1/batches/";
constexpr std::string_view kViews = "/api/v1/views/";
constexpr std::string_view kRecent = "/api/v1/recent/";

constexpr std::size_t kTagDigits = 32;
constexpr std::string_view kNoRecord = "No such record is in the cache, or its time there is over.";
constexpr std::string_view kNoKind = "There is no such kind; see /api/v1/kinds.";

bool lists_tag(std::string_view if_none_match, std::string_view tag) {
  return trim(if_none_match) == "*" || if_none_match.find(tag) != std::string_view::npos;
}

/// With a tag, by which it may be asked for again. What is not everybody's is not kept even by the browser
/// that asked: the next one who sits there may be another.
HttpResponse tagged(HttpResponse response, bool is_shared, const HttpRequest& request) {
  const std::string tag = "\"" + to_hex(sha256(response.body)).substr(0, kTagDigits) + "\"";
  if (lists_tag(request.header("if-none-match"), tag))
    response = {.status = 304, .headers = std::move(response.headers)};
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Cache-Control", is_shared ? "private, no-cache" : "private, no-store");
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

/// Whether it is the caller's own record.
bool owns(const Caller& caller, const Kind& kind, std::string_view key, const std::string& record) {
  if (kind.access.owner == kind.key) return caller.key == key;
  return caller.key == text_member(record, kind.access.owner);
}

}  // namespace

HttpResponse HttpApi::answer(const HttpRequest& request) {
  return answer(request, keeper_.caller(request));
}

HttpResponse HttpApi::answer(const HttpRequest& request, const CallerOrProblem& caller) {
  try {
    Answer answer = route(request, caller);
    if (const auto* problem = std::get_if<Problem>(&answer)) return refusal(*problem, request);
    auto& [json, is_shared] = std::get<Found>(answer);
    HttpResponse response{.body = std::move(json)};
    const std::string_view path = request.path;
    if (path.starts_with(kViews)) {
      const std::string_view kind = path.substr(kViews.size());
      const Kind& asked = *kinds_.find(kind.substr(0, kind.find('/')));
      if (const auto problem = list_as_asked(response, asked, request)) return refusal(*problem, request);
    }
    const bool has_tag = path.starts_with(kViews) || path.starts_with(kRecent);
    if (has_tag && request.is_read()) return tagged(std::move(response), is_shared, request);
    return not_kept(std::move(response));
  } catch (const TransientError&) {
    return refusal(unavailable("The cache cannot be read just now."), request);
  }
}

HttpApi::Answer HttpApi::route(const HttpRequest& request, const CallerOrProblem& caller) {
  const std::string_view path = request.path;
  const auto behind = [path](std::string_view start) { return path.substr(start.size()); };
  const bool known = path.starts_with(kRecords) || path.starts_with(kBatches) || path.starts_with(kViews) ||
                     path.starts_with(kRecent);
  if (!known) return not_found("There is nothing at this path.");
  const bool is_view = path.starts_with(kViews);
  const bool is_posted = is_view && request.method == "POST";
  if (!request.is_read() && !is_posted) return method_not_allowed(is_view ? "GET, HEAD, POST" : "GET, HEAD");
  if (const auto* problem = std::get_if<Problem>(&caller)) return *problem;
  const Asker& asker = std::get<Asker>(caller);
  if (path.starts_with(kBatches)) return find_batch(behind(kBatches), asker);
  if (is_view) {
    auto query = is_posted ? posted_query(request) : std::variant<std::string, Problem>(request.query);
    if (auto* problem = std::get_if<Problem>(&query)) return std::move(*problem);
    return ask_view(behind(kViews), std::get<std::string>(query), asker);
  }
  if (path.starts_with(kRecent)) return ask(kinds_.find(behind(kRecent)), kRecentView, request.query, asker);
  return find_record(behind(kRecords), asker);
}

/// The key is everything behind the kind, slashes included.
HttpApi::Answer HttpApi::find_record(std::string_view kind_and_key, const Asker& asker) {
  const std::size_t slash = kind_and_key.find('/');
  const std::string_view kind = kind_and_key.substr(0, slash);
  const Kind* known = kinds_.find(kind);
  if (known == nullptr) return not_found(std::string(kNoKind));
  const auto allowed = permission(keeper_.in_force(known->access.read), known->access.accounts, asker);
  if (auto problem = keeper_.unless(allowed)) return std::move(*problem);
  if (slash == std::string_view::npos) return method_not_allowed("POST");
  const auto sent = percent_decode(kind_and_key.substr(slash + 1));
  if (!sent) return bad_request("The key is not percent-encoded correctly.");
  const std::string key = key_in_form(*known, *sent);
  auto found = store_.find_record(kind, key);
  if (found) limit_time(*found, known->ttl);
  const bool is_over = found && found->remaining && found->remaining->count() <= 0;
  if (!found || is_over) return not_found(std::string(kNoRecord));
  const bool in_sight = allowed == Permission::kYes || owns(*asker, *known, key, found->value);
  if (!in_sight) return not_found(std::string(kNoRecord));
  return Found{record_json(kind, key, *found)};
}

/// A store may keep a record with views for longer than its time, which begins with its arrival.
void HttpApi::limit_time(FoundRecord& found, std::chrono::milliseconds ttl) const {
  using std::chrono::milliseconds;
  if (!found.arrival_ms || ttl.count() == 0) return;
  const auto now = std::chrono::floor<milliseconds>(clock_().time_since_epoch());
  const auto left = std::min(ttl, milliseconds(*found.arrival_ms) + ttl - now);
  found.remaining = std::min(left, found.remaining.value_or(left));
}

HttpApi::Answer HttpApi::find_batch(std::string_view id, const Asker& asker) {
  const auto allowed = permission(keeper_.in_force({.anyone = true}), {}, asker);
  if (auto problem = keeper_.unless(allowed)) return std::move(*problem);
  if (!is_uuid_v7(id)) return bad_request("A batch id is a UUIDv7 in lower case.");
  return Found{batch_json(id, store_.find_batch(id))};
}

/// Behind the view may stand the value of the one parameter that it must have.
HttpApi::Answer HttpApi::ask_view(std::string_view kind_and_view, std::string_view query,
                                  const Asker& asker) {
  const std::size_t slash = kind_and_view.find('/');
  if (slash == std::string_view::npos) return not_found("A view's name is missing.");
  const Kind* kind = kinds_.find(kind_and_view.substr(0, slash));
  const std::string_view view_and_value = kind_and_view.substr(slash + 1);
  const std::string_view view = view_and_value.substr(0, view_and_value.find('/'));
  if (view.size() == view_and_value.size()) return ask(kind, view, query, asker);
  const KindQuery* declared = kind == nullptr ? nullptr : find_view(*kind, view);
  const auto same =
      declared == nullptr ? std::nullopt : as_query(*declared, view_and_value.substr(view.size() + 1), query);
  return same ? ask(kind, view, *same, asker) : not_found("There is nothing at this path.");
}

AccessRule HttpApi::rule_of(const Kind& kind, std::string_view view) const {
  if (view == kAccountsView && kind.account.is_one()) return {};
  return rule_for(*find_view(kind, view), kind.access.of_view(view), keeper_);
}

HttpApi::Answer HttpApi::ask(const Kind* kind, std::string_view view, std::string_view query,
                             const Asker& asker) {
  if (kind == nullptr) return not_found(std::string(kNoKind));
  const KindQuery* declared = has_views(*kind) ? find_view(*kind, view) : nullptr;
  if (declared == nullptr) return not_found("The kind has no such view; /api/v1/kinds says which it has.");
  const AccessRule rule = rule_of(*kind, view);
  auto arguments = arguments_for(*kind, *declared, rule, query, asker, keeper_);
  if (auto* problem = std::get_if<Problem>(&arguments)) return std::move(*problem);
  using enum ViewAnswer::Outcome;
  ViewAnswer answer =
      store_.query({*kind, std::string(view), std::move(std::get<Arguments>(arguments).json), clock_()});
  if (answer.outcome == kFound) return Found{std::move(answer.text), rule.anyone};
  if (answer.outcome == kMissing) return not_found("The view knows nothing of what was asked for.");
  if (answer.outcome == kBadArgument)
    return bad_parameter("`" + answer.text + "` is not as it was handed out.");
  log_error("a view failed", {{"kind", kind->name}, {"view", view}, {"reason", answer.text}});
  return Problem{
      .status = 500, .title = "Internal Server Error", .detail = "The view failed; the log says why."};
}

}  // namespace comporta
