#pragma once
// CSV, row by row (RFC 4180; a line may also end with a line feed or a carriage return alone).

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

/// A cell as it stands, without the quotation marks around it.
struct CsvCell {
  std::string_view raw;
  bool has_marks = false;  ///< in it, each written twice

  std::string text() const;
};

struct CsvFault {
  std::size_t offset;     ///< in the text
  std::string_view what;  ///< for people
};

class CsvReader {
 public:
  /// `text` must outlive it, and what it gives.
  CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {}

  /// Reads the next row into `cells`, at least one. False behind the last one, and at a fault.
  bool read(std::vector<CsvCell>& cells);
  /// Where the row that was read last begins, from 1.
  std::size_t line() const { return line_; }
  const std::optional<CsvFault>& fault() const { return fault_; }

 private:
  bool read_cell(CsvCell& cell);
  bool read_quoted(CsvCell& cell);
  bool take_line_break();

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t next_line_ = 1;
  std::optional<CsvFault> fault_;
};

/// The line on which that byte of the text stands, as a CsvReader counts them.
std::size_t csv_line_at(std::string_view text, std::size_t offset);

}  // namespace comporta
