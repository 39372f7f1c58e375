#pragma once
// `type/subtype; name=value; name="quoted value"`, as in Content-Type and Content-Disposition.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace comporta::gateway {

struct HeaderValue {
  std::string main;                               ///< in lower case
  std::map<std::string, std::string> parameters;  ///< names in lower case, values unquoted
};

/// Nothing when malformed (RFC 9110, 5.6.6, which allows a semicolon with nothing behind it) or a parameter
/// is given twice.
std::optional<HeaderValue> parse_header_value(std::string_view text);

}  // namespace comporta::gateway
