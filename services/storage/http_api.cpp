#include "services/storage/http_api.h"

#include <memory>
#include <optional>
#include <utility>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/text.h"
#include "common/broker/message.h"
#include "common/http/problem_response.h"
#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"
#include "services/storage/object_lines.h"
#include "services/storage/object_query.h"

namespace comporta {
namespace {

constexpr std::string_view kObjectsPath = "/api/v1/objects/";

HttpResponse refuse(const HttpRequest& request, const Problem& problem) {
  return problem_response(problem, request.path, trace_id(request.header("traceparent")));
}

std::string render_object(const StoredObject& object) {
  return "{\"name\":" + json_string(object.name) +
         ",\"href\":" + json_string(std::string(kObjectsPath) + object.name) +
         ",\"size_bytes\":" + std::to_string(object.size_bytes) +
         ",\"stored_at\":" + json_string(object.stored_at) + "}";
}

std::string render_page(const ObjectPage& page) {
  std::string body = "{\"objects\":[";
  for (const StoredObject& object : page.objects) {
    if (body.back() != '[') body += ',';
    body += render_object(object);
  }
  body += "],\"next\":";
  body += page.more ? json_string(cursor_after(page.objects.back().name)) : "null";
  return body + "}";
}

/// What does not change may be kept; but what is not everybody's not even by the browser that asked: the next
/// one who sits there may be another.
std::string_view to_be_kept(bool is_everybodys) {
  return is_everybodys ? "private, max-age=31536000, immutable" : "private, no-store";
}

HttpResponse render_lines(std::string lines, bool is_everybodys, const HttpRequest& request) {
  const std::string etag = '"' + to_hex(sha256(lines)) + '"';
  HttpResponse response;
  response.content_type = "application/x-ndjson";
  response.headers = {{"ETag", etag}, {"Cache-Control", std::string(to_be_kept(is_everybodys))}};
  // Also as one of several, and marked as weak by a proxy that has compressed it.
  if (request.header("if-none-match").find(etag) != std::string_view::npos)
    response.status = 304;
  else
    response.body = std::move(lines);
  return response;
}

}  // namespace

void HttpApi::handle(HttpRequest request, Responder responder) {
  // Shared, as a job has to be copyable.
  auto work = std::make_shared<std::pair<HttpRequest, Responder>>(std::move(request), std::move(responder));
  const bool taken = pool_.submit([this, work] {
    if (!work->second.expired()) work->second.send(answer(work->first));
  });
  if (!taken) work->second.send(refuse(work->first, unavailable("too many are reading; try again")));
}

HttpResponse HttpApi::answer(const HttpRequest& request) const {
  return answer(request, keeper_.caller(request));
}

HttpResponse HttpApi::answer(const HttpRequest& request, const CallerOrProblem& caller) const {
  try {
    return route(request, caller);
  } catch (const TransientError& error) {
    log_debug("a read failed", {{"fault", error.what()}});  // the archive says once that the store is away
    return refuse(request, unavailable("the object store does not answer; try again"));
  }
}

/// Whose objects are of a kind that is not known, or not any more, nobody can tell, nor where in them
/// passwords are: they are the operator's.
HttpResponse HttpApi::route(const HttpRequest& request, const CallerOrProblem& caller) const {
  if (!request.path.starts_with(kObjectsPath))
    return refuse(request, not_found("there is nothing at this path"));
  const std::string rest = request.path.substr(kObjectsPath.size());
  const bool is_page = is_kind_name(rest);
  if (!is_page && !is_object_name(rest)) return refuse(request, not_found("no object has such a name"));
  if (!request.is_read()) return refuse(request, method_not_allowed("GET, HEAD"));
  if (const auto* problem = std::get_if<Problem>(&caller)) return refuse(request, *problem);
  const Asker& asker = std::get<Asker>(caller);
  const Kind* kind = kinds_.find(rest.substr(0, rest.find('/')));
  if (kind == nullptr && !(asker && asker->is_operator()))
    return refuse(request, not_found("there is no such kind; see /api/v1/kinds"));
  if (!is_page) return answer_object(request, rest, kind, asker);
  if (const auto problem = keeper_.unless(sight_of(kind, asker).whole)) return refuse(request, *problem);
  return answer_page(request, rest);
}

HttpApi::Sight HttpApi::sight_of(const Kind* kind, const Asker& asker) const {
  if (kind == nullptr) return {.whole = Permission::kYes, .lines = Permission::kYes, .is_everybodys = false};
  const KindAccess& access = kind->access;
  const AccessRule rule = keeper_.in_force(access.read);
  const Permission lines = permission(rule, access.accounts, asker);
  return {.whole = access.declared ? permission({}, {}, asker) : lines,
          .lines = lines,
          .is_everybodys = rule.anyone && !access.declared};
}

HttpResponse HttpApi::answer_page(const HttpRequest& request, const std::string& kind) const {
  const auto parsed = parse_page_query(kind, request.query, WallClock::now());
  if (const auto* problem = std::get_if<Problem>(&parsed)) return refuse(request, *problem);
  const auto& query = std::get<PageQuery>(parsed);
  const ObjectPage page = reader_.list(query.folder, query.after, query.limit);
  return {.body = render_page(page), .headers = {{"Cache-Control", "no-store"}}};
}

HttpResponse HttpApi::answer_object(const HttpRequest& request, const std::string& name, const Kind* kind,
                                    const Asker& asker) const {
  const auto parsed = parse_object_query(request.query);
  if (const auto* problem = std::get_if<Problem>(&parsed)) return refuse(request, *problem);
  LineChoice choice{.upload = std::get<ObjectQuery>(parsed).upload, .principal = {}};
  const Sight sight = sight_of(kind, asker);
  const bool is_own = !choice.upload.empty() && asker && sight.lines != Permission::kYes;
  if (is_own) choice.principal = asker->principal();
  const auto allowed = choice.upload.empty() ? sight.whole : is_own ? Permission::kYes : sight.lines;
  if (const auto problem = keeper_.unless(allowed)) return refuse(request, *problem);

  std::optional<std::string> body = reader_.get(name);
  if (!body) return refuse(request, not_found("there is no such object"));
  if (!choice.upload.empty()) body = lines_of(*body, choice);
  if (body->empty()) return refuse(request, not_found("the object holds nothing of that upload"));
  const bool hides = kind != nullptr && kind->account.is_one() && !(asker && asker->is_operator());
  if (hides) body = without_member(*body, kind->account.password);
  return render_lines(std::move(*body), sight.is_everybodys, request);
}

}  // namespace comporta
