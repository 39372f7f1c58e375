#pragma once
// UTF-8, as far as checking text needs it.

#include <cstddef>
#include <string>
#include <string_view>

namespace comporta {

/// The place of the first byte that no JSON text may hold: part of malformed UTF-8 (overlong forms and
/// surrogates included, Unicode 15 table 3-7), or a control character other than tab, line feed and
/// carriage return. `npos` if there is none.
std::size_t find_byte_unfit_for_json(std::string_view text);

/// Of well-formed text.
std::size_t count_code_points(std::string_view text);
std::u32string decode_utf8(std::string_view text);

/// At most `limit` bytes of well-formed text, cut between code points.
std::string_view utf8_prefix(std::string_view text, std::size_t limit);

}  // namespace comporta
