#include "common/kinds/panel_part.h"

#include <algorithm>

namespace comporta {
namespace {

constexpr std::size_t kMostParts = 16;
constexpr CountRule kNumber{.fallback = 0, .min = -1'000'000'000, .max = 1'000'000'000};

const std::vector<std::string> kFormats{"text",     "number", "money",     "decimal", "percent",
                                        "percents", "date",   "thousands", "time",    "minutes",
                                        "cpf",      "badge",  "link"};

bool is_colour(std::string_view text) {
  return text.size() == 7 && text.starts_with('#') &&
         text.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos;
}

}  // namespace

void PanelPart::text(std::string_view key) {
  if (section_.has(key)) needed_text(key);
}

std::string PanelPart::needed_text(std::string_view key) {
  const std::string text = section_.required_text(key);
  json_.add(key, json_string(text));
  return text;
}

void PanelPart::label(std::string_view key) {
  if (section_.has(key)) json_.add(key, label_json(section_.section(key)));
}

void PanelPart::flag(std::string_view key) {
  if (section_.flag(key, false)) json_.add(key, "true");
}

void PanelPart::number(std::string_view key) {
  if (section_.has(key)) json_.add(key, std::to_string(section_.count(key, kNumber)));
}

std::vector<std::string> PanelPart::needed_texts(std::string_view key) {
  std::vector<std::string> texts = section_.texts(key);
  hold_number(key, texts.size(), 1);
  json_.add(key, json_texts(texts));
  return texts;
}

void PanelPart::needed_text_or_texts(std::string_view key) {
  if (!section_.has(key)) return void(needed_text(key));
  const std::vector<std::string> texts = section_.one_or_more_texts(key);
  hold_number(key, texts.size(), 1);
  json_.add(key, texts.size() == 1 ? json_string(texts.front()) : json_texts(texts));
}

void PanelPart::format(std::string_view key) {
  if (section_.has(key)) json_.add(key, json_string(section_.choice(key, "text", kFormats)));
}

void PanelPart::formats(std::string_view key) {
  const Section formats = section_.section(key);
  JsonObject object;
  for (const std::string& member : formats.keys())
    object.add(member, json_string(formats.choice(member, "text", kFormats)));
  if (section_.has(key)) json_.add(key, object.text());
}

void PanelPart::words(std::string_view key) {
  const Section words = section_.section(key);
  JsonObject object;
  for (const std::string& value : words.keys()) object.add(value, label_json(words.section(value)));
  if (section_.has(key)) json_.add(key, object.text());
}

void PanelPart::tones(std::string_view key) {
  const Section tones = section_.section(key);
  JsonObject object;
  for (const std::string& value : tones.keys())
    object.add(value, json_string(tones.choice(value, "plain", {"plain", "good", "warn", "bad"})));
  if (section_.has(key)) json_.add(key, object.text());
}

void PanelPart::colours(std::string_view key) {
  texts_by_name(key);
  const Section colours = section_.section(key);
  for (const std::string& value : colours.keys())
    if (!is_colour(colours.text(value, ""))) colours.fault(value, "must be a colour such as \"#c2410c\"");
}

void PanelPart::texts_by_name(std::string_view key) {
  const Section texts = section_.section(key);
  JsonObject object;
  for (const std::string& name : texts.keys()) object.add(name, json_string(texts.text(name, "")));
  if (section_.has(key)) json_.add(key, object.text());
}

void PanelPart::hold_number(std::string_view key, std::size_t number, std::size_t least) const {
  if (number >= least && number <= kMostParts) return;
  section_.fault(key,
                 "must have " + std::to_string(least) + " to " + std::to_string(kMostParts) + " of them");
}

std::string label_json(const Section& section) {
  return in_both_languages(section.required_text("pt"), section.required_text("en"));
}

}  // namespace comporta
