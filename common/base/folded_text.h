#pragma once
// Texts as people read them: what looks alike is the same.

#include <string>
#include <string_view>

namespace comporta {

/// Appends `text`, which is well-formed UTF-8, in the form by which it is compared: NFKC_Casefold (The
/// Unicode Standard, D147: composed, compatible, without case and without what is not seen, of no language in
/// particular), every run of White_Space as one blank, none at the ends. A word that would become more than
/// three times as long stays as it is: only letters that stand for whole sentences do that.
void append_folded(std::string& out, std::string_view text);
std::string folded(std::string_view text);

/// Letter by letter in lower case, of no language in particular; all else stays. Of well-formed UTF-8.
std::string lower_case(std::string_view text);

/// Without White_Space at its ends. Of well-formed UTF-8.
std::string_view without_blanks_around(std::string_view text);

}  // namespace comporta
