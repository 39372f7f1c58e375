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

std::string lines_of(std::string_view body, std::string_view upload) {
  std::string lines;
  while (!body.empty()) {
    const std::string_view line = take_line(body);
    if (is_part_of(line, upload)) lines.append(line) += '\n';
  }
  return lines;
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
  try {
    return route(request);
  } catch (const TransientError& error) {
    log_debug("a read failed", {{"fault", error.what()}});  // the archive says once that the store is away
    return refuse(request, unavailable("the object store does not answer; try again"));
  }
}

HttpResponse HttpApi::route(const HttpRequest& request) const {
  if (!request.path.starts_with(kObjectsPath))
    return refuse(request, not_found("there is nothing at this path"));
  const std::string rest = request.path.substr(kObjectsPath.size());
  const bool is_page = is_kind_name(rest);
  if (!is_page && !is_object_name(rest)) return refuse(request, not_found("no object has such a name"));
  if (!request.is_read()) return refuse(request, method_not_allowed("GET, HEAD"));
  return is_page ? answer_page(request, rest) : answer_object(request, rest);
}

HttpResponse HttpApi::answer_page(const HttpRequest& request, const std::string& kind) const {
  const auto parsed = parse_page_query(kind, request.query, WallClock::now());
  if (const auto* problem = std::get_if<Problem>(&parsed)) return refuse(request, *problem);
  const auto& query = std::get<PageQuery>(parsed);
  const ObjectPage page = reader_.list(query.folder, query.after, query.limit);
  return {.body = render_page(page), .headers = {{"Cache-Control", "no-store"}}};
}

HttpResponse HttpApi::answer_object(const HttpRequest& request, const std::string& name) const {
  const auto parsed = parse_object_query(request.query);
  if (const auto* problem = std::get_if<Problem>(&parsed)) return refuse(request, *problem);
  const std::string& upload = std::get<ObjectQuery>(parsed).upload;
  std::optional<std::string> body = reader_.get(name);
  if (!body) return refuse(request, not_found("there is no such object"));
  if (!upload.empty()) body = lines_of(*body, upload);
  if (body->empty()) return refuse(request, not_found("the object holds nothing of that upload"));

  const std::string etag = '"' + to_hex(sha256(*body)) + '"';
  HttpResponse response;
  response.content_type = "application/x-ndjson";
  response.headers = {{"ETag", etag}, {"Cache-Control", "private, max-age=31536000, immutable"}};
  // Also as one of several, and marked as weak by a proxy that has compressed it.
  if (request.header("if-none-match").find(etag) != std::string_view::npos) {
    response.status = 304;
  } else {
    response.body = std::move(*body);
  }
  return response;
}

}  // namespace comporta
