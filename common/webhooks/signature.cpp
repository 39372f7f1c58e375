#include "common/webhooks/signature.h"

#include <algorithm>
#include <cstdint>

#include "common/access/crypto.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/text.h"

namespace comporta {
namespace {

using Query = std::map<std::string, std::string>;
using std::chrono::milliseconds;

constexpr const char* kDataId = "data.id";

/// RFC 4648, 4: with padding.
std::string to_base64(std::string_view bytes) {
  std::string text = to_base64url(bytes);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string url(text.substr(0, text.find_last_not_of('=') + 1));
  if (url.find_first_of("-_") != std::string::npos) return std::nullopt;
  std::ranges::replace(url, '+', '-');
  std::ranges::replace(url, '/', '_');
  return from_base64url(url);
}

/// A signature that has been read, and what has to be signed for it to be good. Of several texts and
/// signatures one is enough.
struct Claim {
  std::vector<std::string> signatures = {};  ///< as `encode` writes them
  std::vector<std::string> texts = {};
  std::string (*encode)(const Sha256&) = nullptr;
  std::optional<milliseconds> time = {};  ///< since 1970
};

/// Nothing: the signature is malformed.
using ClaimOrNothing = std::optional<Claim>;

std::string as_hex(const Sha256& digest) {
  return to_hex(digest);
}

std::string as_base64(const Sha256& digest) {
  return to_base64(as_text(digest));
}

/// Cuts off what stands before the next separator, or all.
std::string_view take_before(char separator, std::string_view& rest) {
  const std::string_view taken = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(rest.size(), taken.size() + 1));
  return taken;
}

/// Of `ts=1704908010,v1=618c…`: its members; nothing if it is none, or says something twice.
std::optional<Query> members_of(std::string_view header) {
  Query members;
  while (!header.empty()) {
    std::string_view value = trim(take_before(',', header));
    const std::string_view name = take_before('=', value);
    if (!members.emplace(name, value).second) return std::nullopt;
  }
  return members;
}

/// In milliseconds if it has 13 digits, in seconds if it has 10.
std::optional<milliseconds> time_of(std::string_view digits) {
  constexpr std::size_t kDigitsOfSeconds = 10;
  constexpr std::size_t kDigitsOfMilliseconds = 13;
  const auto number = whole_number<std::int64_t>(digits);
  if (!number || *number < 0) return std::nullopt;
  if (digits.size() == kDigitsOfMilliseconds) return milliseconds(*number);
  if (digits.size() == kDigitsOfSeconds) return std::chrono::seconds(*number);
  return std::nullopt;
}

/// An id with letters is signed in lower case, as its makers say; the other way is taken, too.
ClaimOrNothing claim_of_mercadopago(const HttpRequest& request, const std::string& id) {
  const auto members = members_of(request.header("x-signature"));
  if (!members || !members->contains("ts") || !members->contains("v1")) return std::nullopt;
  const std::string& time = members->at("ts");
  const std::string request_id(request.header("x-request-id"));
  // What is signed must not be read in two ways.
  if ((id + request_id).find(';') != std::string::npos) return std::nullopt;
  const std::string rest = (request_id.empty() ? "" : "request-id:" + request_id + ";") + "ts:" + time + ";";
  Claim claim{.signatures = {members->at("v1")}, .encode = as_hex, .time = time_of(time)};
  for (const std::string& one : {lower_ascii(id), id})
    claim.texts.push_back(std::string("id:").append(one).append(";").append(rest));
  return claim.time ? ClaimOrNothing(claim) : std::nullopt;
}

/// What is signed.
std::string standard_webhooks_text(std::string_view id, std::string_view timestamp, std::string_view body) {
  return std::string(id).append(".").append(timestamp).append(".").append(body);
}

ClaimOrNothing claim_of_standard_webhooks(const HttpRequest& request) {
  constexpr std::string_view kVersion = "v1,";
  const std::string_view id = request.header("webhook-id");
  const std::string_view time = request.header("webhook-timestamp");
  const auto seconds = whole_number<std::uint32_t>(time);
  if (id.empty() || id.find('.') != std::string_view::npos || !seconds) return std::nullopt;
  Claim claim{.texts = {standard_webhooks_text(id, time, request.body)},
              .encode = as_base64,
              .time = std::chrono::seconds(*seconds)};
  for (std::string_view rest = request.header("webhook-signature"); !rest.empty();) {
    const std::string_view one = take_before(' ', rest);
    if (one.starts_with(kVersion)) claim.signatures.emplace_back(one.substr(kVersion.size()));
  }
  return claim;
}

ClaimOrNothing claim_of_github(const HttpRequest& request) {
  constexpr std::string_view kPrefix = "sha256=";
  const std::string_view header = request.header("x-hub-signature-256");
  if (!header.starts_with(kPrefix)) return std::nullopt;
  return Claim{
      .signatures = {std::string(header.substr(kPrefix.size()))}, .texts = {request.body}, .encode = as_hex};
}

/// A signature that does not name the id would hold for any other one.
bool is_signed(SignatureScheme scheme, const HttpRequest& request, const Query& query) {
  if (request.header(rules_of(scheme).headers.front()).empty()) return false;
  const auto id = query.find(kDataId);
  return scheme != SignatureScheme::kMercadoPago || (id != query.end() && !id->second.empty());
}

ClaimOrNothing claim_of(SignatureScheme scheme, const HttpRequest& request, const Query& query) {
  switch (scheme) {
    case SignatureScheme::kMercadoPago:
      return claim_of_mercadopago(request, query.at(kDataId));
    case SignatureScheme::kStandardWebhooks:
      return claim_of_standard_webhooks(request);
    case SignatureScheme::kGitHub:
      break;
  }
  return claim_of_github(request);
}

bool holds(const Claim& claim, const std::vector<std::string>& keys) {
  for (const std::string& key : keys)
    for (const std::string& text : claim.texts) {
      const std::string expected = claim.encode(hmac_sha256(key, text));
      for (const std::string& signature : claim.signatures)
        if (equal_in_constant_time(signature, expected)) return true;
    }
  return false;
}

}  // namespace

const std::vector<SchemeRules>& signature_schemes() {
  static const std::vector<SchemeRules> kSchemes = {
      {SignatureScheme::kMercadoPago, "mercadopago", false, true, {"x-signature", "x-request-id"}},
      {SignatureScheme::kStandardWebhooks,
       "standard-webhooks",
       true,
       true,
       {"webhook-signature", "webhook-id", "webhook-timestamp"}},
      {SignatureScheme::kGitHub,
       "github",
       true,
       false,
       {"x-hub-signature-256", "x-github-event", "x-github-delivery"}}};
  return kSchemes;
}

const SchemeRules& rules_of(SignatureScheme scheme) {
  const auto& schemes = signature_schemes();
  const auto found = std::ranges::find(schemes, scheme, &SchemeRules::scheme);
  check(found != schemes.end(), "every scheme has its rules");
  return *found;
}

std::optional<std::string> signing_key(SignatureScheme scheme, std::string_view secret) {
  constexpr std::string_view kPrefix = "whsec_";
  std::optional<std::string> key{secret};
  if (scheme == SignatureScheme::kStandardWebhooks)
    key = from_base64(secret.starts_with(kPrefix) ? secret.substr(kPrefix.size()) : secret);
  return key && !key->empty() ? key : std::nullopt;
}

SignatureVerdict verify_signature(const SignatureRule& rule, const HttpRequest& request, const Query& query,
                                  WallClock::time_point now) {
  if (!is_signed(rule.scheme, request, query)) return SignatureVerdict::kAbsent;
  const ClaimOrNothing claim = claim_of(rule.scheme, request, query);
  if (!claim || !holds(*claim, rule.keys)) return SignatureVerdict::kWrong;
  if (!claim->time) return SignatureVerdict::kGood;
  const auto age = std::chrono::duration_cast<milliseconds>(now.time_since_epoch()) - *claim->time;
  return std::chrono::abs(age) <= rule.window ? SignatureVerdict::kGood : SignatureVerdict::kOutsideWindow;
}

std::string standard_webhooks_signature(std::string_view key, std::string_view id, std::string_view timestamp,
                                        std::string_view body) {
  return "v1," + as_base64(hmac_sha256(key, standard_webhooks_text(id, timestamp, body)));
}

}  // namespace comporta
