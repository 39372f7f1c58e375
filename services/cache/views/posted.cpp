#include "services/cache/views/posted.h"

#include <optional>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/http/media_type.h"
#include "common/json/rapid.h"

namespace comporta {
namespace {

/// As the text that stands in a URL; nothing if it is a list or an object. Numbers have been read as their
/// text.
std::optional<std::string> argument(const rapidjson::Value& value) {
  if (value.IsString()) return std::string(text_of(value));
  if (value.IsBool()) return value.GetBool() ? "true" : "false";
  return std::nullopt;
}

}  // namespace

std::variant<std::string, Problem> posted_query(const HttpRequest& request) {
  const auto type = parse_header_value(request.header("content-type"));
  if (!type || type->main != "application/json")
    return Problem{.status = 415,
                   .type = "urn:comporta:problem:unsupported-media-type",
                   .title = "The question's type is not supported",
                   .detail = "Send the arguments as application/json, a JSON object of them."};
  if (!request.query.empty())
    return bad_parameter("The arguments are in the body: nothing may stand in the URL.");
  const auto document = parse_json<rapidjson::kParseNumbersAsStringsFlag>(request.body);
  if (!document || !document->IsObject())
    return bad_parameter("The body must be a JSON object of the arguments.");
  std::string query;
  for (const auto& member : document->GetObject()) {
    if (member.value.IsNull()) continue;
    const std::optional<std::string> value = argument(member.value);
    if (!value) return bad_parameter("`" + std::string(text_of(member.name)) + "` is a list or an object.");
    query += (query.empty() ? "" : "&") + percent_encode(text_of(member.name)) + "=" + percent_encode(*value);
  }
  return query;
}

}  // namespace comporta
