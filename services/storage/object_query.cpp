#include "services/storage/object_query.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>

#include "common/base/text.h"
#include "common/base/text_format.h"
#include "common/broker/message.h"

namespace comporta {
namespace {

using Parameters = std::map<std::string, std::string>;

std::variant<Parameters, Problem> read_parameters(std::string_view query,
                                                  std::initializer_list<std::string_view> known) {
  auto parameters = parse_query(query);
  if (!parameters) return bad_query();
  for (const auto& [name, value] : *parameters) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return bad_parameter("there is no parameter `" + name + "`");
    }
  }
  return std::move(*parameters);
}

/// A parameter without a value is as good as none.
std::string value_of(const Parameters& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

std::string date_of(WallClock::time_point time) {
  return rfc3339(time).substr(0, 10);
}

/// `2026-11-22` -> `2026/11/22`
std::string day_path(std::string date) {
  std::replace(date.begin(), date.end(), '-', '/');
  return date;
}

}  // namespace

std::variant<PageQuery, Problem> parse_page_query(const std::string& kind, std::string_view query,
                                                  WallClock::time_point now) {
  const auto read = read_parameters(query, {"date", "cursor", "limit", "all_days"});
  if (const auto* problem = std::get_if<Problem>(&read)) return *problem;
  const auto& parameters = std::get<Parameters>(read);
  std::string date = value_of(parameters, "date");
  const std::string cursor = value_of(parameters, "cursor");
  const std::string limit = value_of(parameters, "limit");
  const std::string all_days = value_of(parameters, "all_days");

  PageQuery page;
  if (!date.empty() && !has_format(date, TextFormat::kDate))
    return bad_parameter("date is a day as YYYY-MM-DD, in UTC");
  if (!limit.empty()) {
    page.limit = whole_number<unsigned>(limit).value_or(0);
    const bool good = page.limit >= 1 && page.limit <= kMaxPageObjects;
    if (!good) return bad_parameter("limit is a number from 1 to " + std::to_string(kMaxPageObjects));
  }
  if (!cursor.empty()) {
    const auto name = object_name(kind, cursor);
    if (!name) return bad_parameter("cursor is what the page before gave as next");
    const std::string cursor_date = date_of(*uuid_v7_time(cursor));
    if (!date.empty() && date != cursor_date) return bad_parameter("cursor and date are of two days");
    page.after = *name;
    date = cursor_date;
  }
  if (!all_days.empty() && all_days != "true") return bad_parameter("all_days is true or not there");
  if (!all_days.empty()) {
    if (!value_of(parameters, "date").empty()) return bad_parameter("date and all_days exclude each other");
    page.folder = kind + "/";
    return page;
  }
  if (date.empty()) date = date_of(now);
  page.folder = kind + "/" + day_path(date) + "/";
  return page;
}

std::string cursor_after(const std::string& name) {
  const std::size_t begin = name.rfind('/') + 1;
  return name.substr(begin, name.rfind('.') - begin);
}

std::variant<ObjectQuery, Problem> parse_object_query(std::string_view query) {
  const auto read = read_parameters(query, {"upload"});
  if (const auto* problem = std::get_if<Problem>(&read)) return *problem;
  ObjectQuery object{.upload = value_of(std::get<Parameters>(read), "upload")};
  if (!object.upload.empty() && !is_uuid_v7(object.upload)) return bad_parameter("upload is an upload's id");
  return object;
}

}  // namespace comporta
