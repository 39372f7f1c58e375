#pragma once
// Words of which several mean the same.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

/// What is kept of a word, by the word as it is compared: folded.
using Words = std::map<std::string, std::string, std::less<>>;

/// What is kept instead of `text`; nothing if it is none of the words.
std::optional<std::string> kept_word(const Words& words, std::string_view text);

/// All that may be kept, sorted.
std::vector<std::string> kept_words(const Words& words);

}  // namespace comporta
