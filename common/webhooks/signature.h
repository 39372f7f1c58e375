#pragma once
// The signatures of notices that one server sends to another. Pure; any thread.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/uuid.h"
#include "common/http/server.h"

namespace comporta {

enum class SignatureScheme {
  kMercadoPago,       ///< mercadopago.com.br/developers, "Webhooks": an id of the query, and a time
  kStandardWebhooks,  ///< standardwebhooks.com, "v1": an id, a time and the body
  kGitHub,            ///< docs.github.com, "Validating webhook deliveries": the body alone
};

/// What there is to know of a scheme beside how it is computed.
struct SchemeRules {
  SignatureScheme scheme;
  std::string_view name;             ///< in kind.yaml
  bool signs_body;                   ///< and not only something of the query
  bool signs_time;                   ///< so that what was heard once is not good for ever
  std::vector<std::string> headers;  ///< that it comes with, in lower case
};

const std::vector<SchemeRules>& signature_schemes();
const SchemeRules& rules_of(SignatureScheme scheme);

/// What is signed with, as `secret` says it; nothing if that is no secret of the scheme.
std::optional<std::string> signing_key(SignatureScheme scheme, std::string_view secret);

enum class SignatureVerdict {
  kGood,
  kAbsent,         ///< it has none, or one that says nothing of what the notice is about
  kWrong,          ///< of no key, of something else, or malformed
  kOutsideWindow,  ///< good, but made too long ago, or in the future
};

struct SignatureRule {
  SignatureScheme scheme;
  std::vector<std::string> keys = {};         ///< of signing_key(); any of them is enough
  std::chrono::milliseconds window{300'000};  ///< to either side of `now`, where the scheme signs a time
};

/// `query` is that of the request, decoded.
SignatureVerdict verify_signature(const SignatureRule& rule, const HttpRequest& request,
                                  const std::map<std::string, std::string>& query, WallClock::time_point now);

/// The header `webhook-signature` of Standard Webhooks: `v1,<base64>`. `timestamp`: seconds since 1970, as in
/// `webhook-timestamp`; neither that nor `id` has a dot in it.
std::string standard_webhooks_signature(std::string_view key, std::string_view id, std::string_view timestamp,
                                        std::string_view body);

}  // namespace comporta
