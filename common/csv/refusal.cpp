#include "common/csv/refusal.h"

#include "common/base/utf8.h"
#include "common/csv/reader.h"

namespace comporta {
namespace {

constexpr std::size_t kMaxListBytes = 600;

/// The names of all members that a cell can hold.
std::string all_names(const CsvColumns& columns) {
  std::string list;
  for (const CsvMember& member : columns.members())
    if (member.type != CsvType::kNone) list += (list.empty() ? "" : "; ") + columns.names_of(member.name);
  if (list.size() <= kMaxListBytes) return list;
  return std::string(utf8_prefix(list, kMaxListBytes)) + "…";
}

Problem unfit(std::string title, std::string detail, std::vector<RecordFault> faults) {
  detail += first_place(faults.front());
  return {.status = 422,
          .type = "urn:comporta:problem:invalid-records",
          .title = std::move(title),
          .detail = std::move(detail),
          .errors = std::move(faults)};
}

}  // namespace

Problem not_csv(std::string_view text, std::size_t offset, std::string_view what) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_begin = before.find_last_of("\r\n") + 1;  // npos + 1 is 0
  Problem problem{.status = 400,
                  .type = "urn:comporta:problem:not-csv",
                  .title = "The upload is not valid CSV",
                  .detail = {},
                  .errors = {},
                  .line = csv_line_at(text, offset),
                  .column = 1 + count_code_points(before.substr(line_begin))};
  problem.detail = "Line " + std::to_string(problem.line) + ", column " + std::to_string(problem.column) +
                   ": " + std::string(what);
  return problem;
}

Problem no_table(const std::string& members) {
  return {.status = 415,
          .type = "urn:comporta:problem:unsupported-media-type",
          .title = "The upload's type is not supported",
          .detail = "Records of this kind cannot come as CSV: each must have " + members +
                    ", lists or objects, which a cell cannot hold. Send JSON."};
}

Problem csv_too_large(std::size_t max_bytes) {
  return {.status = 413,
          .type = "urn:comporta:problem:too-large",
          .title = "The upload is too large",
          .detail = "As JSON, the records of a table may have at most " + std::to_string(max_bytes) +
                    " bytes: send the rest in another."};
}

Problem bad_columns(std::vector<RecordFault> faults) {
  return unfit("The columns do not fit", "The first line must name the columns.", std::move(faults));
}

Problem bad_rows(std::vector<RecordFault> faults, std::size_t max_faults) {
  const std::string count = std::to_string(faults.size());
  std::string detail = faults.size() >= max_faults
                           ? "The first " + count + " faults are listed; there may be more."
                       : faults.size() == 1 ? "There is 1 fault."
                                            : "There are " + count + " faults.";
  return unfit("Records are not valid", std::move(detail), std::move(faults));
}

std::string column_fault(std::string_view name, const CsvColumns& columns) {
  const CsvMember* const member = columns.find(name);
  if (member != nullptr && member->type == CsvType::kNone)
    return "is a list or an object, which a cell cannot hold: send it as JSON";
  if (const std::string names = columns.ambiguous(name); !names.empty())
    return "may be one or the other of " + names + ": call the column so";
  return "is not a field of this kind, which has " + all_names(columns);
}

std::string first_place(const RecordFault& fault) {
  std::string place = fault.line == 0 ? "" : "line " + std::to_string(fault.line);
  if (!fault.column_name.empty())
    place += (place.empty() ? "column `" : ", column `") + fault.column_name + "`";
  if (place.empty()) return {};
  return " First: " + place + ": " + fault.detail + ".";
}

}  // namespace comporta
