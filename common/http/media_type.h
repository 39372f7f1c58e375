#pragma once
// `type/subtype; name=value; name="quoted value"`, as in Content-Type and Content-Disposition, and lists of
// such things from which a server may choose.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace comporta {

struct HeaderValue {
  std::string main;                               ///< in lower case
  std::map<std::string, std::string> parameters;  ///< names in lower case, values unquoted
};

/// Nothing when malformed (RFC 9110, 5.6.6, which allows a semicolon with nothing behind it) or a parameter
/// is given twice.
std::optional<HeaderValue> parse_header_value(std::string_view text);

/// How much the client wants `name` by its `Accept` or `Accept-Language` (RFC 9110, 12.4.2), in thousandths:
/// that of the first entry with just that name; nothing if there is none. Entries that are malformed do not
/// count.
std::optional<int> wanted(std::string_view accepted, std::string_view name);

}  // namespace comporta
