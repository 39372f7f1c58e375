#include "services/cache/sessions/answers.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/http/problem_response.h"

namespace comporta {
namespace {

using std::chrono::seconds;

constexpr std::string_view kCookie = "refresh=";

/// Scripts do not see it, other sites do not send it, and only the paths of sessions get it.
std::string cookie(std::string_view value, seconds age, const HttpRequest& request) {
  const bool secure = iequals(request.header("x-forwarded-proto"), "https");
  return std::string(kCookie) + std::string(value) + "; Max-Age=" + std::to_string(age.count()) +
         "; Path=/api/v1/sessions; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "");
}

std::string account_json(const Account& account) {
  return "\"kind\":" + json_string(account.kind) + ",\"key\":" + json_string(account.key) +
         ",\"login\":" + json_string(account.login) + ",\"roles\":" + json_texts(account.roles);
}

}  // namespace

HttpResponse wait_first(std::chrono::milliseconds wait, const HttpRequest& request) {
  const auto after = std::chrono::ceil<seconds>(wait).count();
  HttpResponse response = refusal({.status = 429,
                                   .type = "urn:comporta:problem:too-many-logins",
                                   .title = "Too many logins that failed",
                                   .detail = "wait before the next try: " + std::to_string(after) + " s"},
                                  request);
  response.headers.emplace_back("Retry-After", std::to_string(after));
  return response;
}

HttpResponse logged_in(const OpenSession& session, const AccessToken& token, const HttpRequest& request) {
  const std::string refresh = session.refresh.text();
  HttpResponse response{
      .body = "{\"access_token\":" + json_string(token.text) + ",\"token_type\":\"Bearer\",\"expires_in\":" +
              std::to_string(token.lifetime.count()) + ",\"refresh_token\":" + json_string(refresh) +
              ",\"account\":{" + account_json(session.account) + "}}"};
  response.headers.emplace_back("Set-Cookie",
                                cookie(refresh, std::chrono::floor<seconds>(session.idle), request));
  return not_kept(std::move(response));
}

HttpResponse without_cookie(HttpResponse response, const HttpRequest& request) {
  response.headers.emplace_back("Set-Cookie", cookie("", seconds(0), request));
  return response;
}

HttpResponse logged_out(const HttpRequest& request) {
  return without_cookie(not_kept({.status = 204}), request);
}

HttpResponse who_it_is(const Account& account, const std::string& record) {
  return not_kept({.body = "{" + account_json(account) + ",\"record\":" + record + "}"});
}

std::string_view refresh_cookie(const HttpRequest& request) {
  for (std::string_view rest = request.header("cookie"); !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (trim(pair).starts_with(kCookie)) return trim(pair).substr(kCookie.size());
  }
  return {};
}

Problem login_refused() {
  return {.status = 401,
          .type = "urn:comporta:problem:login",
          .title = "Not logged in",
          .detail = "The login name or the password is not right."};
}

Problem session_over() {
  return {.status = 401,
          .type = "urn:comporta:problem:token",
          .title = "Session over",
          .detail = "This session is over: log in again."};
}

}  // namespace comporta
