#include "services/cache/lookups/provider.h"

#include <algorithm>

#include "common/base/digest.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/json/rapid.h"

namespace comporta {
namespace {

constexpr std::size_t kMaxAnswerBytes = std::size_t{64} << 10;

void read_secrets(Lookup& lookup, const LookupSettings& settings) {
  for (const auto& [name, header] : lookup.declared.headers) {
    const auto secret = read_secret_file(settings.secrets_dir, header.secret);
    if (secret)
      lookup.headers[name] = header.prefix + *secret;
    else
      lookup.missing = "there is no secret `" + header.secret + "` in lookups.secrets_dir";
  }
}

bool fits(const rapidjson::Value& value, LookupMember::Type type) {
  switch (type) {
    case LookupMember::Type::kNumber:
      return value.IsNumber();
    case LookupMember::Type::kText:
      return value.IsString();
    case LookupMember::Type::kFlag:
      return value.IsBool();
  }
  return false;
}

const rapidjson::Value* value_at(const rapidjson::Document& document, const std::string& pointer) {
  return rapidjson::Pointer(pointer.data(), pointer.size()).Get(document);
}

/// As it stands in kind.yaml.
std::string as_written(const rapidjson::Value& value) {
  return value.IsString() ? std::string(text_of(value)) : json_text(value);
}

bool says_success(const rapidjson::Document& document, const KindLookup& declared) {
  return std::ranges::all_of(declared.success, [&](const auto& one) {
    const rapidjson::Value* const value = value_at(document, one.first);
    return value != nullptr && !value->IsObject() && !value->IsArray() && as_written(*value) == one.second;
  });
}

}  // namespace

bool stays_below(std::string_view url) {
  const std::string path = std::string(url.substr(0, url.find('?'))) + "/";
  return path.find("/./") == std::string::npos && path.find("/../") == std::string::npos;
}

Lookup set_up(const std::string& kind, const std::string& name, const KindLookup& declared,
              const LookupSettings& settings, std::string_view secret) {
  Lookup lookup{.kind = kind, .name = name, .declared = declared};
  const auto& hosts = settings.private_hosts;
  lookup.is_private = std::find(hosts.begin(), hosts.end(), declared.host) != hosts.end();
  read_secrets(lookup, settings);
  if (declared.host.empty()) lookup.missing = "its address names no host";
  std::string secrets(secret);
  for (const auto& [header, value] : lookup.headers)
    secrets.append("\n").append(header).append(": ").append(value);
  lookup.hash_key = as_text(sha256(secrets));
  return lookup;
}

std::optional<std::string> url_for(const Lookup& lookup, const std::map<std::string, std::string>& values) {
  std::string url;
  for (const TextPiece& piece : lookup.declared.url) {
    url += piece.text;
    if (!piece.name.empty()) url += percent_encode(values.at(piece.name));
  }
  return stays_below(url) ? std::optional(url) : std::nullopt;
}

std::string key_for(const Lookup& lookup, const std::string& url) {
  return lookup.kind + ":" + lookup.name + ":" + to_hex(hmac_sha256(lookup.hash_key, url));
}

OutgoingRequest request_for(const Lookup& lookup, const std::string& url) {
  OutgoingRequest request{.url = url,
                          .headers = lookup.headers,
                          .connect_timeout = lookup.declared.timeout,
                          .timeout = lookup.declared.timeout,
                          .max_answer_bytes = kMaxAnswerBytes,
                          .to_any_address = lookup.is_private};
  request.headers.emplace("Accept", "application/json");
  return request;
}

std::variant<std::string, NoAnswer> result_in(const IncomingAnswer& answer, const KindLookup& declared) {
  if (answer.status == 0) return NoAnswer{answer.fault};
  if (answer.status != 200) return NoAnswer{"it answers " + std::to_string(answer.status)};
  const auto document = parse_json(answer.body);
  if (!document) return NoAnswer{"its answer is not JSON"};
  if (!says_success(*document, declared)) return NoAnswer{"its answer does not say that it has succeeded"};
  std::string json;
  for (const auto& [name, member] : declared.result) {
    const rapidjson::Value* const value = value_at(*document, member.pointer);
    if (value == nullptr || !fits(*value, member.type))
      return NoAnswer{"its answer has no " + std::string(type_name(member.type)) + " at " + member.pointer};
    json += (json.empty() ? "{" : ",") + json_string(name) + ":" + json_text(*value);
  }
  return json + "}";
}

}  // namespace comporta
