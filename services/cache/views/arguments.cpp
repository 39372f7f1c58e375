#include "services/cache/views/arguments.h"

#include <algorithm>
#include <map>

#include "common/base/text.h"

namespace comporta {
namespace {

using Type = QueryParameter::Type;
using Values = std::map<std::string, std::string>;

QueryParameter limit(std::string fallback, std::int64_t max) {
  QueryParameter parameter;
  parameter.type = Type::kCount;
  parameter.fallback = std::move(fallback);
  parameter.min = 1;
  parameter.max = max;
  return parameter;
}

const std::map<std::string, KindQuery, std::less<>>& views_of_every_kind() {
  static const std::map<std::string, KindQuery, std::less<>> views = [] {
    std::map<std::string, KindQuery, std::less<>> all;
    all[std::string(kRecentView)].parameters = {{"limit", limit("20", 100)}};
    all[std::string(kRefusedView)].parameters = {{"limit", limit("100", 1'000)},
                                                 {"cursor", cursor_parameter()}};
    return all;
  }();
  return views;
}

const KindQuery& accounts_view() {
  static const KindQuery view{.title_pt = {},
                              .title_en = {},
                              .parameters = views_of_every_kind().find(kRefusedView)->second.parameters};
  return view;
}

std::string as_json(const QueryParameter& parameter, std::string_view value) {
  const bool is_text = parameter.type != Type::kCount && parameter.type != Type::kFlag;
  return is_text ? json_string(value) : std::string(value);
}

/// What is wrong with the value of `name`; empty if it is good. Leaves the value to be used in `value`.
std::string check_value(const std::string& name, const QueryParameter& parameter,
                        std::optional<std::string>& value) {
  if (value && !fits(parameter, *value))
    return "`" + name + "` must be " + expectation(parameter, *value) + ".";
  if (value) value = value_for_views(parameter, *value);
  if (value) return {};
  if (parameter.required) return "`" + name + "` is missing: " + expectation(parameter) + ".";
  if (!parameter.fallback.empty()) value = value_for_views(parameter, parameter.fallback);
  return {};
}

std::optional<std::string> take(Values& values, const std::string& name) {
  const auto found = values.extract(name);
  return found ? std::optional(found.mapped()) : std::nullopt;
}

}  // namespace

const KindQuery* find_view(const Kind& kind, std::string_view name) {
  if (name == kAccountsView && kind.account.is_one()) return &accounts_view();
  for (const auto* views : {&views_of_every_kind(), &kind.views.queries})
    if (const auto found = views->find(name); found != views->end()) return &found->second;
  return nullptr;
}

std::optional<std::string> as_query(const KindQuery& view, std::string_view value, std::string_view query) {
  const auto is_required = [](const auto& parameter) { return parameter.second.required; };
  if (std::ranges::count_if(view.parameters, is_required) != 1) return std::nullopt;
  std::string same = std::ranges::find_if(view.parameters, is_required)->first + "=";
  for (const char c : value) {
    if (c == '+') same += "%2B";
    if (c == '&') same += "%26";
    if (c != '+' && c != '&') same += c;
  }
  return query.empty() ? same : same + "&" + std::string(query);
}

std::variant<Arguments, Problem> read_arguments(const KindQuery& view, std::string_view query,
                                                const std::optional<std::string>& callers_key) {
  std::optional<Values> values = parse_query(query);
  if (!values) return bad_query();
  std::string faults;
  Arguments read;
  for (const auto& [name, parameter] : view.parameters) {
    std::optional<std::string> value = take(*values, name);
    if (parameter.is_caller && !value) value = callers_key;
    read.of_another = read.of_another || (parameter.is_caller && value != callers_key);
    if (const std::string fault = check_value(name, parameter, value); !fault.empty()) {
      faults += (faults.empty() ? "" : " ") + fault;
    } else if (value) {
      read.json += (read.json.empty() ? "{" : ",") + json_string(name) + ":" + as_json(parameter, *value);
      read.values.emplace(name, std::move(*value));
    }
  }
  for (const auto& [name, value] : *values)
    faults += (faults.empty() ? "" : " ") + ("There is no parameter `" + name + "`.");
  if (!faults.empty()) return bad_parameter(std::move(faults));
  read.json += read.json.empty() ? "{}" : "}";
  return read;
}

}  // namespace comporta
