#pragma once
// What people write into cells, as JSON has it.

#include <optional>
#include <string>
#include <string_view>

namespace comporta {

enum class CsvType {
  kText,
  kWhole,
  kNumber,
  kFlag,
  kNone,  ///< a list or an object: no cell can hold one
};

struct CsvNumber {
  std::string json;
  char decimal_sign = 0;  ///< `.` or `,`; 0: there is none
};

/// With a decimal point or comma, and without signs between thousands: `-1234,50`. Nothing if it is no
/// number, or a larger one than people write.
std::optional<CsvNumber> csv_number(std::string_view text);

/// `true`, `yes`, `sim`, `verdadeiro` or their contraries, in upper or lower case.
std::optional<bool> csv_flag(std::string_view text);

/// For people: what must stand in a cell of that type.
std::string_view csv_expectation(CsvType type);

}  // namespace comporta
