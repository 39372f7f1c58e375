#pragma once
// Lists written as tables.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

struct CsvList {
  std::string text;    ///< UTF-8 with a byte order mark; nothing but that if the list is empty
  std::string cursor;  ///< that of the answer; empty: there is none
};

/// The rows of the one list in `answer`, which is JSON; nothing if there is not one list in it. Columns are
/// the members of its objects, those in `order` first; `title` says what a column is called. A text that a
/// spreadsheet would take for a formula has an apostrophe before it (OWASP, CSV Injection); numbers stay
/// numbers, and what is an object or a list within a row stays JSON.
std::optional<CsvList> csv_of_list(std::string_view answer, const std::vector<std::string>& order,
                                   const std::function<std::string(const std::string& column)>& title);

}  // namespace comporta
