#pragma once
// What logging in, refreshing and logging out answer. Nothing of it is to be kept by anybody on its way.

#include <chrono>
#include <string>

#include "common/base/problem.h"
#include "common/http/server.h"
#include "services/cache/sessions/sessions.h"
#include "services/cache/sessions/token_issuer.h"

namespace comporta {

/// 429, with the whole seconds after which another try is looked at.
HttpResponse wait_first(std::chrono::milliseconds wait, const HttpRequest& request);
/// The tokens, and the refresh token once more as a cookie.
HttpResponse logged_in(const OpenSession& session, const AccessToken& token, const HttpRequest& request);
/// 204; the browser is to forget its cookie.
HttpResponse logged_out(const HttpRequest& request);
/// `response`, after which the browser forgets its cookie, too.
HttpResponse without_cookie(HttpResponse response, const HttpRequest& request);
/// `record`: JSON.
HttpResponse who_it_is(const Account& account, const std::string& record);

/// The refresh token in the request's cookie; empty if there is none.
std::string_view refresh_cookie(const HttpRequest& request);

/// 401: one for everything that is wrong with a login.
Problem login_refused();
/// 401: log in again.
Problem session_over();

}  // namespace comporta
