#pragma once
// What is said of tables that are refused. Not for others than the files behind records.h.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/problem.h"
#include "common/csv/columns.h"

namespace comporta {

/// No CSV, from that byte of `text` on: 400.
Problem not_csv(std::string_view text, std::size_t offset, std::string_view what);
/// Of any table of that kind: 415. `members` are those that no cell can hold.
Problem no_table(const std::string& members);
/// 413.
Problem csv_too_large(std::size_t max_bytes);
/// 422, of columns that do not fit, or of rows.
Problem bad_columns(std::vector<RecordFault> faults);
Problem bad_rows(std::vector<RecordFault> faults, std::size_t max_faults);

/// For people: why a column of that name cannot be.
std::string column_fault(std::string_view name, const CsvColumns& columns);
/// ` First: line 3, column `Idade`: …`
std::string first_place(const RecordFault& fault);

}  // namespace comporta
