#pragma once
// Not for others than the files behind page.h: how a mapping of page.yaml becomes JSON.

#include <string>
#include <string_view>
#include <vector>

#include "common/base/json_text.h"
#include "common/config/settings.h"

namespace comporta {

/// A mapping of page.yaml, and what the page's code is told of it: what is there is checked and goes over,
/// what is left out is left out. Faults go to the section's owner. Refers to the Section's Settings.
class PanelPart {
 public:
  explicit PanelPart(const Section& section) : section_(section) {}

  const Section& section() const { return section_; }
  void add(std::string_view key, std::string_view json) { json_.add(key, json); }
  std::string json() const { return json_.text(); }

  void text(std::string_view key);
  std::string needed_text(std::string_view key);
  void label(std::string_view key);
  void flag(std::string_view key);  ///< false is what it is by default
  void number(std::string_view key);
  /// 1 to 16 of them.
  std::vector<std::string> needed_texts(std::string_view key);
  /// The same; a text of its own stands for one.
  void needed_text_or_texts(std::string_view key);
  void format(std::string_view key);   ///< how a value is written: `money`, `date`
  void formats(std::string_view key);  ///< member → how its value is written
  void words(std::string_view key);    ///< value → what people read
  void tones(std::string_view key);    ///< value → plain, good, warn, bad
  void colours(std::string_view key);  ///< value → `#c2410c`
  void texts_by_name(std::string_view key);
  /// A list of mappings, `least` to 16, each made into JSON.
  template <typename ToJson>
  void parts(std::string_view key, std::size_t least, ToJson to_json) {
    const std::vector<Section> sections = section_.sections(key);
    hold_number(key, sections.size(), least);
    if (section_.has(key)) json_.add(key, json_array(sections, to_json));
  }

 private:
  void hold_number(std::string_view key, std::size_t number, std::size_t least) const;

  Section section_;
  JsonObject json_;
};

/// `{pt, en}`: both are needed.
std::string label_json(const Section& section);

}  // namespace comporta
