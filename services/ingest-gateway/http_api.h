#pragma once
// The gateway's public routes: docs/ARCHITECTURE.md, "HTTP".

#include "common/http/server.h"
#include "common/kinds/kind.h"
#include "services/ingest-gateway/ingest.h"

namespace comporta::gateway {

class HttpApi {
 public:
  /// Both must outlive it.
  HttpApi(const KindSet& kinds, Ingest& ingest);

  /// Any HTTP thread; does not block.
  void handle(HttpRequest request, Responder responder) const;

 private:
  void take_upload(const Kind& kind, HttpRequest request, Responder responder) const;
  void take_record(const Kind& kind, const std::string& sent_key, HttpRequest request,
                   Responder responder) const;
  HttpResponse answer_kinds(const HttpRequest& request) const;

  const KindSet& kinds_;
  Ingest& ingest_;
  std::string kinds_json_;
};

}  // namespace comporta::gateway
