#include "common/csv/list.h"

#include <algorithm>

#include "common/json/rapid.h"

namespace comporta {
namespace {

using rapidjson::Value;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kToBeQuoted = "\",;\t\r\n";

/// With what a text begins that is taken for a formula, full-width forms included.
bool is_formula(std::string_view text) {
  for (const char* begin : {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"})
    if (text.starts_with(begin)) return true;
  return false;
}

void append_text(std::string& out, std::string_view text) {
  const bool quoted = text.find_first_of(kToBeQuoted) != std::string_view::npos;
  if (quoted) out += '"';
  if (is_formula(text)) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  if (quoted) out += '"';
}

void append_cell(std::string& out, const Value& value) {
  if (value.IsNull()) return;
  if (value.IsString()) return append_text(out, text_of(value));
  if (value.IsNumber()) {
    out += json_text(value);
    return;
  }
  append_text(out, json_text(value));
}

struct List {
  const Value* rows = nullptr;
  std::string name = "value";  ///< of the column, if its rows are no objects
};

std::optional<List> find_list(const Value& answer) {
  List list;
  if (answer.IsArray()) list.rows = &answer;
  if (answer.IsObject()) {
    for (const auto& member : answer.GetObject()) {
      if (!member.value.IsArray()) continue;
      if (list.rows != nullptr) return std::nullopt;
      list = {&member.value, std::string(text_of(member.name))};
    }
  }
  return list.rows == nullptr ? std::nullopt : std::optional(list);
}

std::vector<std::string> columns_of(const List& list, const std::vector<std::string>& order) {
  std::vector<std::string> found;
  const auto add = [&](std::string_view name) {
    if (std::find(found.begin(), found.end(), name) == found.end()) found.emplace_back(name);
  };
  for (const Value& row : list.rows->GetArray()) {
    if (!row.IsObject()) add(list.name);
    if (!row.IsObject()) continue;
    for (const auto& member : row.GetObject()) add(text_of(member.name));
  }
  const auto place = [&](const std::string& name) { return std::find(order.begin(), order.end(), name); };
  std::stable_sort(found.begin(), found.end(), [&](const std::string& one, const std::string& other) {
    return place(one) < place(other);
  });
  return found;
}

void append_row(std::string& out, const List& list, const Value& row,
                const std::vector<std::string>& columns) {
  for (const std::string& column : columns) {
    if (&column != &columns.front()) out += ',';
    const Value* const whole = column == list.name ? &row : nullptr;
    const Value* const value = row.IsObject() ? member_of(row, column) : whole;
    if (value != nullptr) append_cell(out, *value);
  }
  out += kLineEnd;
}

}  // namespace

std::optional<CsvList> csv_of_list(std::string_view answer, const std::vector<std::string>& order,
                                   const std::function<std::string(const std::string& column)>& title) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseFullPrecisionFlag>(answer.data(), answer.size());
  const std::optional<List> list = document.HasParseError() ? std::nullopt : find_list(document);
  if (!list) return std::nullopt;
  const std::string_view cursor = document.IsObject() ? text_in(document, "cursor") : "";
  CsvList made{std::string(kByteOrderMark), std::string(cursor)};
  const std::vector<std::string> columns = columns_of(*list, order);
  for (const std::string& column : columns) {
    if (&column != &columns.front()) made.text += ',';
    append_text(made.text, title(column));
  }
  if (!columns.empty()) made.text += kLineEnd;
  for (const Value& row : list->rows->GetArray()) append_row(made.text, *list, row, columns);
  return made;
}

}  // namespace comporta
