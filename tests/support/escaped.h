#pragma once
// The same JSON, spelled otherwise.

#include <cstdio>
#include <string>
#include <string_view>

namespace comporta::test {

/// `json` with every ASCII character of its texts and names as an escape: `"a"` as `"\u0061"`. It has none
/// yet.
inline std::string escaped(std::string_view json) {
  std::string out;
  bool in_text = false;
  for (const char c : json) {
    if (c == '"') in_text = !in_text;
    if (c == '"' || !in_text || (c & '\x80') != 0) {
      out += c;
      continue;
    }
    char spelled[8];
    std::snprintf(spelled, sizeof spelled, "\\u%04x", static_cast<unsigned>(c));
    out += spelled;
  }
  return out;
}

}  // namespace comporta::test
