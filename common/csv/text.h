#pragma once
// The bytes of a CSV file as text.

#include <optional>
#include <string>
#include <string_view>

namespace comporta {

enum class CsvCharset {
  kUtf8,
  kWindows1252,  ///< and ISO 8859-1, by which most people mean it (Encoding Standard, 4.2)
};

/// By the name in `charset=`; empty: UTF-8. Nothing if it is another.
std::optional<CsvCharset> csv_charset(std::string_view name);

/// Without a byte order mark, which says UTF-8 whatever else was said. At most three times as long. What is
/// declared as UTF-8 is not looked at.
std::string csv_text(std::string body, CsvCharset charset);

}  // namespace comporta
