#include "services/cache/listed.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/csv/list.h"
#include "common/http/media_type.h"
#include "common/json/record_schema.h"

namespace comporta {
namespace {

constexpr std::string_view kCsv = "text/csv";
constexpr std::string_view kJson = "application/json";

/// What a label is read in; null: in none.
const std::string Label::*language_of(std::string_view accepted) {
  const auto best = [&](std::initializer_list<const char*> names) {
    int most = 0;
    for (const char* name : names) most = std::max(most, wanted(accepted, name).value_or(0));
    return most;
  };
  const int pt = best({"pt", "pt-br", "pt-pt"});
  const int en = best({"en", "en-us", "en-gb"});
  if (pt == 0 && en == 0) return nullptr;
  return pt >= en ? &Label::pt : &Label::en;
}

/// Of a loaded kind, so its schema is good.
std::vector<std::string> members_of(const Kind& kind) {
  std::vector<std::string> faults;
  std::vector<std::string> names{kind.key};
  const auto schema = RecordSchema::compile(kind.schema, kind.name, faults);
  for (const DescribedMember& member : schema ? schema->members() : std::vector<DescribedMember>{})
    names.push_back(member.name);
  return names;
}

/// The same question about what follows.
std::string next_page(const HttpRequest& request, const std::string& cursor) {
  auto parameters = parse_query(request.query).value_or(std::map<std::string, std::string>{});
  parameters["cursor"] = cursor;
  std::string query;
  for (const auto& [name, value] : parameters)
    query += (query.empty() ? "?" : "&") + percent_encode(name) + "=" + percent_encode(value);
  return "<" + query + ">; rel=\"next\"";
}

bool accepts_json(std::string_view accepted) {
  for (const std::string_view name : {kJson, std::string_view("application/*"), std::string_view("*/*")})
    if (const auto much = wanted(accepted, name)) return *much > 0;
  return false;
}

}  // namespace

std::optional<Problem> list_as_asked(HttpResponse& response, const Kind& kind, const HttpRequest& request) {
  const std::string_view accepted = request.header("accept");
  response.headers.emplace_back("Vary", "Accept, Accept-Language");
  if (wanted(accepted, kCsv).value_or(0) <= wanted(accepted, kJson).value_or(0)) return std::nullopt;
  const std::string Label::*const language = language_of(request.header("accept-language"));
  const auto title = [&](const std::string& column) {
    const auto label = kind.labels.find(column);
    return language == nullptr || label == kind.labels.end() ? column : label->second.*language;
  };
  const std::optional<CsvList> list = csv_of_list(response.body, members_of(kind), title);
  if (!list && accepts_json(accepted)) return std::nullopt;
  if (!list)
    return Problem{.status = 406,
                   .title = "Not Acceptable",
                   .detail = "This answer is no list, so it cannot be CSV: accept application/json."};
  response.content_type = "text/csv; charset=utf-8; header=present";
  response.body = list->text;
  if (!list->cursor.empty() && request.is_read())
    response.headers.emplace_back("Link", next_page(request, list->cursor));
  return std::nullopt;
}

}  // namespace comporta
