#include "common/kinds/words.h"

#include <set>

#include "common/base/folded_text.h"
#include "common/kinds/reading.h"

namespace comporta {

Words read_words(const Section& section) {
  Words words;
  const auto add = [&](const std::string& word, const std::string& kept) {
    if (folded(word).empty()) section.fault(kept, "a word must have something in it");
    if (kept.size() > word.size() + kMaxWordGrowth)
      section.fault(kept, "is more than " + std::to_string(kMaxWordGrowth) + " bytes longer than `" + word +
                              "`, for which it stands");
    const auto [place, is_new] = words.emplace(folded(word), kept);
    if (!is_new) section.fault(kept, "`" + word + "` stands for `" + place->second + "` already");
  };
  for (const std::string& kept : section.keys()) add(kept, kept);
  for (const std::string& kept : section.keys())
    for (const std::string& word : section.one_or_more_texts(kept)) add(word, kept);
  return words;
}

std::optional<std::string> kept_word(const Words& words, std::string_view text) {
  if (words.empty()) return std::nullopt;
  const auto found = words.find(folded(text));
  return found == words.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> kept_words(const Words& words) {
  std::set<std::string> kept;
  for (const auto& [word, as] : words) kept.insert(as);
  return {kept.begin(), kept.end()};
}

}  // namespace comporta
