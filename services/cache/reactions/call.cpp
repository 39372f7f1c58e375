#include "services/cache/reactions/call.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/file.h"
#include "common/base/json_text.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/webhooks/signature.h"
#include "services/cache/lookups/provider.h"

namespace comporta {
namespace {

std::string as_it_is(std::string_view text) {
  return std::string(text);
}

std::string as_in_a_url(std::string_view text) {
  return percent_encode(text);
}

void read_secrets(Reaction& reaction, const std::filesystem::path& folder) {
  const auto look_up = [&](const std::string& name) {
    const auto secret = read_secret_file(folder, name);
    if (!secret) reaction.missing = "there is no secret `" + name + "` in lookups.secrets_dir";
    return secret.value_or("");
  };
  for (const auto& [name, header] : reaction.declared.headers)
    if (!header.secret.secret.empty())
      reaction.secrets[name] = header.secret.prefix + look_up(header.secret.secret);
  const std::string& signing = reaction.declared.signing_secret;
  if (signing.empty()) return;
  const auto key = signing_key(SignatureScheme::kStandardWebhooks, look_up(signing));
  if (key) reaction.signing_key = *key;
  if (!key && reaction.missing.empty())
    reaction.missing = "the secret `" + signing + "` is none of Standard Webhooks";
}

/// False if a value is missing for one of them.
bool add_headers(OutgoingRequest& request, const Reaction& reaction, const ReactionValues& values) {
  request.headers = reaction.secrets;
  for (const auto& [name, header] : reaction.declared.headers) {
    if (!header.secret.secret.empty()) continue;
    auto text = text_of(header.text, values, as_it_is);
    if (!text || !is_printable(*text)) return false;
    request.headers[name] = std::move(*text);
  }
  request.headers.emplace("Accept", "application/json");
  if (request.body != nullptr) request.headers.emplace("Content-Type", "application/json");
  return true;
}

void sign(OutgoingRequest& request, const Reaction& reaction, const ReactionValues& values,
          WallClock::time_point now) {
  if (reaction.signing_key.empty()) return;
  const auto since_1970 = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  const std::string time = std::to_string(since_1970.count());
  const std::string id(text_of(*values.find("id")));
  request.headers["webhook-id"] = id;
  request.headers["webhook-timestamp"] = time;
  request.headers["webhook-signature"] =
      standard_webhooks_signature(reaction.signing_key, id, time, *request.body);
}

/// Null if it is not JSON.
rapidjson::Document document_of(const std::string& body) {
  auto document = parse_json(body);
  return document ? std::move(*document) : rapidjson::Document();
}

bool needs_json(const KindReaction& declared) {
  return std::ranges::any_of(declared.becomes.record,
                             [](const auto& member) { return !member.second.pointers.empty(); });
}

/// 4xx that may be another answer later: who is asked, or who asks, may have to be set up first.
bool may_pass(int status) {
  static constexpr auto kPassing = std::to_array({401, 403, 404, 408, 409, 425, 429});
  return std::ranges::find(kPassing, status) != kPassing.end();
}

std::optional<std::string> member_json(const ReactionMember& member, const ReactionValues& values,
                                       const rapidjson::Document& answer) {
  if (!member.json.empty()) return member.json;
  if (member.pointers.empty()) return json_of(member.text, values);
  for (const std::string& pointer : member.pointers) {
    const rapidjson::Value* const found = rapidjson::Pointer(pointer.data(), pointer.size()).Get(answer);
    if (found != nullptr && !found->IsNull()) return json_text(*found);
  }
  return std::nullopt;
}

std::string record_json(const ReactionOutcome& outcome, const ReactionValues& values,
                        const rapidjson::Document& answer) {
  JsonObject record;
  for (const auto& [name, member] : outcome.record)
    if (const auto json = member_json(member, values, answer)) record.add(name, *json);
  return record.text();
}

}  // namespace

Reaction set_up(const std::string& kind, const std::string& name, const KindReaction& declared,
                const LookupSettings& settings) {
  Reaction reaction{.kind = kind, .name = name, .declared = declared};
  const std::string& host = declared.address.host;
  reaction.is_private = std::ranges::find(settings.private_hosts, host) != settings.private_hosts.end();
  read_secrets(reaction, settings.secrets_dir);
  if (host.empty()) reaction.missing = "its address names no host";
  return reaction;
}

std::variant<OutgoingRequest, std::string> request_for(const Reaction& reaction, const ReactionValues& values,
                                                       WallClock::time_point now) {
  const KindReaction& declared = reaction.declared;
  auto url = text_of(declared.address.url, values, as_in_a_url);
  if (!url || !stays_below(*url)) return "a value of its address is missing, or leads elsewhere";
  OutgoingRequest request{.method = declared.method,
                          .url = std::move(*url),
                          .connect_timeout = declared.timeout,
                          .timeout = declared.timeout,
                          .to_any_address = reaction.is_private};
  if (declared.method != "GET") request.body = std::make_shared<std::string>(filled(declared.body, values));
  if (!add_headers(request, reaction, values))
    return "a value of a header is missing, or none that one can have";
  sign(request, reaction, values, now);
  return request;
}

Verdict verdict_on(const IncomingAnswer& answer, const KindReaction& declared) {
  using enum Verdict::Kind;
  if (answer.status == 0) return {kAgain, answer.fault};
  const std::string said = "it answers " + std::to_string(answer.status);
  if (answer.status >= 400 && answer.status < 500) return {may_pass(answer.status) ? kAgain : kNever, said};
  if (answer.status < 200 || answer.status > 299) return {kAgain, said};
  if (needs_json(declared) && document_of(answer.body).IsNull()) return {kAgain, "its answer is not JSON"};
  return {kAnswered};
}

Outcome outcome_of(const KindReaction& declared, const ReactionValues& values, const IncomingAnswer& answer) {
  return {declared.becomes.kind, record_json(declared.becomes, values, document_of(answer.body)), true};
}

Outcome failure_of(const KindReaction& declared, ReactionValues& values, const std::string& reason) {
  values.set("reason", reason);
  return {declared.failed.kind, record_json(declared.failed, values, rapidjson::Document()), false};
}

}  // namespace comporta
