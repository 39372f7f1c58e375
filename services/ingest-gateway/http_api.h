#pragma once
// The gateway's public routes: docs/ARCHITECTURE.md, "HTTP".

#include <variant>

#include "common/access/gatekeeper.h"
#include "common/access/password.h"
#include "common/base/problem.h"
#include "common/http/server.h"
#include "common/kinds/kind.h"
#include "services/ingest-gateway/hooks.h"
#include "services/ingest-gateway/ingest.h"

namespace comporta::gateway {

class HttpApi {
 public:
  /// The first four must outlive it.
  HttpApi(const KindSet& kinds, Gatekeeper& keeper, const Hooks& hooks, Ingest& ingest,
          const PasswordRules& passwords = {});

  /// Any HTTP thread; does not block.
  void handle(HttpRequest request, Responder responder) const;

 private:
  std::variant<Intake, Problem> intake_of(const HttpRequest& request) const;
  std::variant<Intake, Problem> take_notice(HttpRequest& request) const;
  HttpResponse answer_openapi(const HttpRequest& request) const;
  HttpResponse answer_kinds(const HttpRequest& request) const;

  const KindSet& kinds_;
  Gatekeeper& keeper_;
  const Hooks& hooks_;
  Ingest& ingest_;
  std::string kinds_json_;
  std::string openapi_json_;
};

}  // namespace comporta::gateway
