#include "common/csv/records.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "common/base/folded_text.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/csv/reader.h"
#include "common/csv/refusal.h"
#include "common/json/rapid.h"

namespace comporta {
namespace {

constexpr std::size_t kFirstBytes = 64 * 1024;
constexpr std::size_t kMaxNameBytes = 100;  ///< what stands on the first line may be no name at all
constexpr std::string_view kNotText =
    "These bytes are no UTF-8, or a control character. Save the file as CSV UTF-8, or say how it is written: "
    "text/csv; charset=windows-1252.";

using Cells = std::vector<CsvCell>;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool are_empty(const Cells& cells, std::size_t from = 0) {
  return std::all_of(cells.begin() + static_cast<std::ptrdiff_t>(std::min(from, cells.size())), cells.end(),
                     [](const CsvCell& cell) { return is_blank(cell.raw); });
}

bool read_first_row(CsvReader& reader, Cells& cells) {
  while (reader.read(cells))
    if (!are_empty(cells)) return true;
  return false;
}

/// Decimal commas are no reason to take a comma where a semicolon does as well.
char find_separator(std::string_view text, const CsvColumns& columns) {
  char best = ',';
  std::pair<std::ptrdiff_t, std::size_t> most{0, 1};
  for (const char separator : {';', '\t', ','}) {
    CsvReader reader(text, separator);
    Cells cells;
    if (!read_first_row(reader, cells)) continue;
    const auto known = std::count_if(cells.begin(), cells.end(), [&](const CsvCell& cell) {
      return columns.find(cell.text()) != nullptr;
    });
    if (const std::pair found{known, cells.size()}; found > most) {
      most = found;
      best = separator;
    }
  }
  return best;
}

/// Reads one table.
class Table {
 public:
  Table(std::string_view text, const CsvColumns& columns, const CsvLimits& limits)
      : text_(text), reader_(text, find_separator(text, columns)), columns_(columns), limits_(limits) {}

  std::variant<CsvRecords, Problem> read(bool has_names);

 private:
  struct Column {
    std::string name;         ///< as it is written
    const CsvMember* member;  ///< null: it has no name
    std::string json_name;    ///< with its colon
  };

  void name_columns(const Cells& cells);
  void take_columns_of_schema();
  void add_column(std::string name, const CsvMember* member);
  void read_row(const Cells& cells);
  void append_cell(const Column& column, const CsvCell& cell);
  void append_number(const Column& column, std::string_view text);
  std::optional<Problem> unless_room();
  void fault(const Column* column, std::string keyword, std::string detail);

  std::string_view text_;
  CsvReader reader_;
  const CsvColumns& columns_;
  const CsvLimits& limits_;
  std::vector<Column> header_;
  CsvRecords made_;
  std::size_t granted_ = 0;
  char decimal_sign_ = 0;  ///< of the first number that has one
  std::size_t decimal_line_ = 0;
  std::vector<RecordFault> faults_;
};

void Table::fault(const Column* column, std::string keyword, std::string detail) {
  if (faults_.size() == limits_.upload.max_faults) return;
  const bool has_member = column != nullptr && column->member != nullptr;
  faults_.push_back({made_.places.lines.size(), has_member ? pointer_below("", column->member->name) : "",
                     std::move(keyword), std::move(detail), reader_.line(),
                     column == nullptr ? "" : column->name});
}

void Table::add_column(std::string name, const CsvMember* member) {
  std::string json_name = member == nullptr ? "" : json_string(member->name) + ":";
  if (member != nullptr) made_.places.columns[member->name] = name;
  header_.push_back({std::move(name), member, std::move(json_name)});
}

void Table::name_columns(const Cells& cells) {
  std::set<const CsvMember*> seen;
  for (const CsvCell& cell : cells) {
    const std::string text = cell.text();
    std::string name(utf8_prefix(without_blanks_around(text), kMaxNameBytes));
    const CsvMember* const member = columns_.find(text);
    const bool is_twice = member != nullptr && !seen.insert(member).second;
    const bool is_good = name.empty() || (member != nullptr && member->type != CsvType::kNone);
    add_column(std::move(name), member);
    if (is_twice) fault(&header_.back(), "uniqueMembers", "is a field that a column before it is, too");
    if (!is_good) fault(&header_.back(), "additionalProperties", column_fault(header_.back().name, columns_));
  }
}

void Table::take_columns_of_schema() {
  for (const CsvMember& member : columns_.members())
    if (member.type != CsvType::kNone) add_column(member.name, &member);
}

void Table::append_number(const Column& column, std::string_view text) {
  const std::optional<CsvNumber> number = csv_number(text);
  if (!number) return append_json_string(made_.json, text);
  made_.json += number->json;
  if (number->decimal_sign == 0) return;
  if (decimal_sign_ == 0) {
    decimal_sign_ = number->decimal_sign;
    decimal_line_ = reader_.line();
  }
  if (number->decimal_sign == decimal_sign_) return;
  fault(&column, "decimalSign",
        std::string("has a `") + number->decimal_sign + "`, but on line " + std::to_string(decimal_line_) +
            " there is a number with a `" + decimal_sign_ +
            "`: write all with the same decimal sign, and no sign between thousands");
}

void Table::append_cell(const Column& column, const CsvCell& cell) {
  if (column.member->type == CsvType::kText) {
    if (cell.has_marks) return append_json_string(made_.json, cell.text());
    return append_json_string(made_.json, cell.raw);
  }
  const std::string text(without_blanks_around(cell.text()));
  if (column.member->type != CsvType::kFlag) return append_number(column, text);
  const std::optional<bool> flag = csv_flag(text);
  if (!flag) return append_json_string(made_.json, text);
  made_.json += *flag ? "true" : "false";
}

void Table::read_row(const Cells& cells) {
  if (are_empty(cells)) return;
  if (cells.size() < header_.size() || !are_empty(cells, header_.size()))
    return fault(nullptr, "columns",
                 "the row has " + std::to_string(cells.size()) + " cells, where there are " +
                     std::to_string(header_.size()) + " columns");
  made_.json += '{';
  bool is_first = true;
  for (std::size_t i = 0; i < header_.size(); ++i) {
    const Column& column = header_[i];
    const bool is_text = column.member != nullptr && column.member->type == CsvType::kText;
    if (is_text ? cells[i].raw.empty() : is_blank(cells[i].raw)) continue;
    if (column.member == nullptr) {
      fault(nullptr, "columns", "there is something in a column that has no name");
      continue;
    }
    if (!std::exchange(is_first, false)) made_.json += ',';
    made_.json += column.json_name;
    append_cell(column, cells[i]);
  }
  made_.json += "}\n";
  made_.places.lines.push_back(static_cast<std::uint32_t>(reader_.line()));
}

/// Room for as much again is asked for before what was granted is used up.
std::optional<Problem> Table::unless_room() {
  if (made_.json.size() > limits_.max_bytes) return csv_too_large(limits_.max_bytes);
  const std::size_t used = made_.json.capacity() + made_.places.lines.capacity() * sizeof(std::uint32_t);
  if (granted_ > 0 && used <= granted_) return std::nullopt;
  granted_ = std::max(kFirstBytes, 2 * used);
  if (limits_.may_hold && !limits_.may_hold(granted_))
    return unavailable("too many uploads are on their way; try again shortly");
  return std::nullopt;
}

std::variant<CsvRecords, Problem> Table::read(bool has_names) {
  Cells cells;
  if (auto problem = unless_room()) return std::move(*problem);
  if (!has_names) take_columns_of_schema();
  if (has_names && read_first_row(reader_, cells)) name_columns(cells);
  if (!faults_.empty()) return bad_columns(std::move(faults_));
  while (made_.places.lines.size() <= limits_.upload.max_records && reader_.read(cells)) {
    read_row(cells);
    if (auto problem = unless_room()) return std::move(*problem);
  }
  if (const auto& fault = reader_.fault()) return not_csv(text_, fault->offset, fault->what);
  if (!faults_.empty()) return bad_rows(std::move(faults_), limits_.upload.max_faults);
  if (made_.places.lines.empty()) made_.json = "[]";
  if (made_.places.lines.empty()) made_.format = UploadFormat::kJson;
  return std::move(made_);
}

}  // namespace

std::variant<CsvRecords, Problem> records_of_csv(std::string_view text, bool has_names,
                                                 const CsvColumns& columns, const CsvLimits& limits) {
  if (!columns.impossible().empty()) return no_table(columns.impossible());
  const std::size_t unfit = find_byte_unfit_for_json(text);
  if (unfit != std::string::npos) return not_csv(text, unfit, kNotText);
  if (is_blank(text)) return CsvRecords{};
  return Table(text, columns, limits).read(has_names);
}

void tell_places(Problem& problem, const CsvPlaces& places, const CsvColumns& columns) {
  for (RecordFault& fault : problem.errors) {
    if (fault.index < places.lines.size()) fault.line = places.lines[fault.index];
    for (const CsvMember& member : columns.members()) {
      if (fault.pointer != pointer_below("", member.name)) continue;
      const auto column = places.columns.find(member.name);
      if (column != places.columns.end()) fault.column_name = column->second;
      if (column == places.columns.end() && fault.keyword == "required")
        fault.detail =
            "is missing: there is no column for it, which may be called " + columns.names_of(member.name);
      if (fault.keyword == "type") fault.detail = csv_expectation(member.type);
    }
  }
  if (problem.status == 422 && !problem.errors.empty()) problem.detail += first_place(problem.errors.front());
}

}  // namespace comporta
