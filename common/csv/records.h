#pragma once
// The rows of a table as records.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/lease.h"
#include "common/base/problem.h"
#include "common/csv/columns.h"
#include "common/json/record_schema.h"

namespace comporta {

/// Where the records stand in their table.
struct CsvPlaces {
  std::vector<std::uint32_t> lines = {};                         ///< by record, from 1
  std::map<std::string, std::string, std::less<>> columns = {};  ///< by member, as they are called there
};

struct CsvRecords {
  std::string json;
  UploadFormat format = UploadFormat::kNdjson;
  CsvPlaces places = {};
};

struct CsvLimits {
  UploadLimits upload = {};
  std::size_t max_bytes = SIZE_MAX;  ///< of the records as JSON
  MayHold may_hold = {};             ///< of what is made, beside `text`
};

/// Reads a table whose cells stand between commas, semicolons or tabs: whichever gives more names of columns.
/// Without names the columns are the schema's members in their order. Numbers and flags become what their
/// member's type asks for, and what is none stays text, so that the schema says what is wrong. An empty cell
/// is absent, and so is a row of none but empty cells. `text` is CSV after csv_text().
/// A Problem: 415 of a kind that no table can hold, 400 with line and column where it is no CSV, 413 or 503
/// where its records are too many or too large, 422 with line and column name for every column that is not
/// the kind's, row of another length and number whose decimal sign is not that of the others, up to
/// `max_faults` of them.
std::variant<CsvRecords, Problem> records_of_csv(std::string_view text, bool has_names,
                                                 const CsvColumns& columns, const CsvLimits& limits);

/// Says of each fault where in the table it stands, and what must stand there instead.
void tell_places(Problem& problem, const CsvPlaces& places, const CsvColumns& columns);

}  // namespace comporta
