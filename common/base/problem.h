#pragma once
// What is said of a request that is refused, or of one that failed: RFC 9457.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

/// What is wrong with one record of an upload.
struct RecordFault {
  std::size_t index;     ///< of the record, from 0
  std::string pointer;   ///< RFC 6901 pointer into the record, such as `/email`; empty: the record itself
  std::string keyword;   ///< the rule, mostly a JSON Schema keyword
  std::string detail;    ///< for people, in English
  std::size_t line = 0;  ///< of a table: where the record begins, from 1; 0: it came in none
  std::string column_name = {};  ///< of a table: as it is written there; empty: none

  bool operator==(const RecordFault&) const = default;
};

struct Problem {
  int status = 500;
  std::string_view type = "about:blank";  ///< or `urn:comporta:problem:<slug>`
  std::string title = {};
  std::string detail = {};
  std::vector<RecordFault> errors = {};
  std::size_t line = 0;    ///< of a syntax error, from 1; 0: none
  std::size_t column = 0;  ///< in code points, from 1
  std::string allow = {};  ///< of a 405: the methods for its `Allow` header
};

/// Stock problems. `allowed` is a list of methods, such as `GET, HEAD`.
Problem not_found(std::string detail);
/// Of what no other one says better: 400.
Problem bad_request(std::string detail);
/// Of the query: 400.
Problem bad_parameter(std::string detail);
/// The query is no query at all.
Problem bad_query();
Problem method_not_allowed(std::string_view allowed);
Problem unavailable(std::string detail);

}  // namespace comporta
