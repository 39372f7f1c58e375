#include "services/cache/sessions/credentials.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "common/base/folded_text.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/json/rapid.h"

namespace comporta {
namespace {

Problem unusable(std::string detail) {
  return {.status = 422,
          .type = "urn:comporta:problem:unusable-login",
          .title = "This cannot be a login",
          .detail = std::move(detail)};
}

bool is_asked_for(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames{"kind", "login", "username", "password", "refresh_token"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::variant<Fields, Problem> fields_of_json(const std::string& body) {
  rapidjson::Document document;
  constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
  document.Parse<kFlags>(body.data(), body.size());
  if (document.HasParseError() || !document.IsObject() || body.find('\0') != std::string::npos)
    return bad_request("the body must be a JSON object");
  Fields fields;
  for (const auto& member : document.GetObject()) {
    const std::string_view name = text_of(member.name);
    if (!member.value.IsString()) {
      if (is_asked_for(name)) return bad_request("`" + std::string(name) + "` must be a text");
      continue;
    }
    if (!fields.emplace(name, text_of(member.value)).second)
      return bad_request("the body has a member twice");
  }
  return fields;
}

std::variant<Fields, Problem> fields_of_form(const std::string& body) {
  const auto pairs = parse_query(body);
  if (!pairs) return bad_request("the body must be name=value, with & in between and each name once");
  return Fields(pairs->begin(), pairs->end());
}

std::optional<std::string> take(Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return std::nullopt;
  return std::move(found->second);
}

/// Whoever puts a password into an address has told it to every log on the way: it is not taken.
std::variant<std::optional<std::string>, Problem> kind_in(std::string_view query) {
  auto parameters = parse_query(query);
  if (!parameters) return bad_query();
  std::optional<std::string> kind;
  for (auto& [name, value] : *parameters) {
    if (name != "kind")
      return bad_parameter(
          "only `kind` may stand in the address; a login name and a password go into the body");
    kind = std::move(value);
  }
  return kind;
}

}  // namespace

std::variant<Fields, Problem> read_fields(const HttpRequest& request) {
  if (request.body.size() > kLargestLogin)
    return Problem{.status = 413, .title = "Content too large", .detail = "the body may have 4 KiB at most"};
  if (request.body.empty()) return Fields();
  const std::string_view type = request.header("content-type");
  const std::string_view essence = trim(type.substr(0, type.find(';')));
  const std::string_view encoding = request.header("content-encoding");
  const bool plain = encoding.empty() || iequals(encoding, "identity");
  if (plain && iequals(essence, "application/json")) return fields_of_json(request.body);
  if (plain && iequals(essence, "application/x-www-form-urlencoded")) return fields_of_form(request.body);
  return Problem{
      .status = 415,
      .type = "urn:comporta:problem:unsupported-media-type",
      .title = "Unsupported media type",
      .detail = "the body must be application/json or application/x-www-form-urlencoded, as it is"};
}

std::variant<Credentials, Problem> read_credentials(const HttpRequest& request) {
  auto in_query = kind_in(request.query);
  if (auto* problem = std::get_if<Problem>(&in_query)) return std::move(*problem);
  auto read = read_fields(request);
  if (auto* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  auto& fields = std::get<Fields>(read);
  auto kind = take(fields, "kind");
  auto& other_kind = std::get<std::optional<std::string>>(in_query);
  auto login = take(fields, "login");
  auto username = take(fields, "username");
  auto password = take(fields, "password");
  if (kind && other_kind && *kind != *other_kind) return unusable("`kind` is another one in the address");
  if (login && username) return unusable("`username` is another word for `login`: send one of them");
  if (!kind) kind = std::move(other_kind);
  if (!login) login = std::move(username);
  if (!kind || !login || !password) return unusable("`kind`, `login` and `password` must be there, as texts");
  if (find_byte_unfit_for_json(*login) != std::string_view::npos)
    return bad_request("a login name must be UTF-8, and have no control characters");
  Credentials credentials{.kind = std::move(*kind), .login = {}, .password = std::move(*password)};
  append_folded(credentials.login, *login);
  return credentials;
}

}  // namespace comporta
