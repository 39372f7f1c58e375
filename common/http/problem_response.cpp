#include "common/http/problem_response.h"

#include "common/base/text.h"
#include "common/telemetry/trace.h"

namespace comporta {
namespace {

void append_name(std::string& out, std::string_view name) {
  if (!out.ends_with('{')) out += ',';
  append_json_string(out, name);
  out += ':';
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  append_name(out, name);
  append_json_string(out, value);
}

void append_member(std::string& out, std::string_view name, std::size_t value) {
  append_name(out, name);
  out += std::to_string(value);
}

void append_fault(std::string& out, const RecordFault& fault) {
  out += '{';
  append_member(out, "index", fault.index);
  append_member(out, "pointer", fault.pointer);
  append_member(out, "keyword", fault.keyword);
  append_member(out, "detail", fault.detail);
  if (fault.line != 0) append_member(out, "line", fault.line);
  if (!fault.column_name.empty()) append_member(out, "column_name", fault.column_name);
  out += '}';
}

void append_faults(std::string& out, const std::vector<RecordFault>& faults) {
  append_name(out, "errors");
  for (const RecordFault& fault : faults) {
    out += &fault == &faults.front() ? '[' : ',';
    append_fault(out, fault);
  }
  out += ']';
}

std::string problem_json(const Problem& problem, std::string_view instance, std::string_view trace_id) {
  std::string out = "{";
  append_member(out, "type", problem.type);
  append_member(out, "title", problem.title);
  append_member(out, "status", static_cast<std::size_t>(problem.status));
  if (!problem.detail.empty()) append_member(out, "detail", problem.detail);
  append_member(out, "instance", instance);
  if (!trace_id.empty()) append_member(out, "trace_id", trace_id);
  if (problem.line != 0) append_member(out, "line", problem.line);
  if (problem.column != 0) append_member(out, "column", problem.column);
  if (!problem.errors.empty()) append_faults(out, problem.errors);
  return out += "}\n";
}

/// RFC 6750: whoever has sent no token is told of no error.
std::string_view challenge(const Problem& problem) {
  return problem.type == "urn:comporta:problem:token" ? "Bearer error=\"invalid_token\"" : "Bearer";
}

}  // namespace

HttpResponse problem_response(const Problem& problem, std::string_view instance, std::string_view trace_id) {
  HttpResponse response{.status = problem.status,
                        .content_type = "application/problem+json",
                        .body = problem_json(problem, instance, trace_id)};
  if (problem.status == 503) response.headers.emplace_back("Retry-After", "1");
  if (problem.status == 401)
    response.headers.emplace_back("WWW-Authenticate", std::string(challenge(problem)));
  if (!problem.allow.empty()) response.headers.emplace_back("Allow", problem.allow);
  return response;
}

HttpResponse not_kept(HttpResponse response) {
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

HttpResponse refusal(const Problem& problem, const HttpRequest& request) {
  const std::string traceparent = continue_trace(request.header("traceparent"));
  return not_kept(problem_response(problem, request.path, trace_id(traceparent)));
}

}  // namespace comporta
