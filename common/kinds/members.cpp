// What kind.yaml says of single members of a record.

#include <algorithm>
#include <optional>
#include <set>

#include "common/base/folded_text.h"
#include "common/json/rapid.h"
#include "common/kinds/reading.h"

namespace comporta {
namespace {

constexpr std::string_view kNotDescribed = "the schema has no such member; arrays are not looked into";

bool is_at_or_above(std::string_view pointer, std::string_view other) {
  return other.starts_with(pointer) &&
         (other.size() == pointer.size() || other.substr(pointer.size()).starts_with('/'));
}

constexpr std::string_view kTransform =
    "expected one of drop, mask, hash, or trim, lower, digits, or a list of these";

/// What is done with a member. `transform`: once the schema has looked at it.
struct Treatment {
  WrittenForm form;
  std::optional<Transform> transform;
};

/// Nothing if a word is not known, is given twice, or is one too many.
std::optional<Treatment> treatment_of(const std::vector<std::string>& words) {
  Treatment treatment;
  for (const std::string& word : words) {
    bool* const form = word == "trim"     ? &treatment.form.trim
                       : word == "lower"  ? &treatment.form.lower
                       : word == "digits" ? &treatment.form.digits
                                          : nullptr;
    if (form != nullptr ? *form : treatment.transform.has_value()) return std::nullopt;
    if (form != nullptr)
      *form = true;
    else if (word == "drop")
      treatment.transform = Transform::kDrop;
    else if (word == "mask")
      treatment.transform = Transform::kMask;
    else if (word == "hash")
      treatment.transform = Transform::kHash;
    else
      return std::nullopt;
  }
  if (words.empty()) return std::nullopt;
  return treatment;
}

/// Why `treatment` of `pointer` could be got round by a record that the schema allows; empty: it cannot.
std::string loophole(std::string_view pointer, const Treatment& treatment, const RecordSchema& schema) {
  if (!schema.describes(pointer)) return std::string(kNotDescribed);
  const bool is_drop = treatment.transform == Transform::kDrop && treatment.form == WrittenForm{};
  if (!is_drop && !schema.has_type(pointer, "string")) return "must be of `type: string` in the schema";
  for (std::size_t end = pointer.rfind('/'); end > 0; end = pointer.rfind('/', end - 1)) {
    const std::string above(pointer.substr(0, end));
    if (!schema.has_type(above, "object")) return above + " must be of `type: object` in the schema";
  }
  return {};
}

/// Why `transform` of `pointer` would take something away that the kind needs; empty: it does not.
std::string harm(const std::string& pointer, Transform transform, const Kind& kind) {
  const auto touches = [&](const std::string& member) { return pointer == pointer_below("", member); };
  if (touches(kind.key)) return "is the record's key, which must stay as it is";
  if (!kind.event_time.empty() && touches(kind.event_time))
    return "is the event's time, which must stay as it is";
  if (transform != Transform::kDrop) return {};
  if (std::ranges::any_of(kind.cache_fields, touches)) return "is dropped, but kept in the cache";
  if (std::ranges::any_of(kind.views.fields, touches)) return "is dropped, but given to the views";
  if (std::ranges::any_of(kind.views.compares, touches)) return "is dropped, but compared by the views";
  if (std::ranges::any_of(kind.views.folded, touches)) return "is dropped, but folded for the views";
  return {};
}

bool is_of_account(const std::string& pointer, const KindAccount& account) {
  for (const std::string& member : {account.login, account.password, account.roles})
    if (!member.empty() && pointer == pointer_below("", member)) return true;
  return false;
}

/// There are two ways to write one, and people mean the same by both.
void hold_cpf(const Section& root, const RecordSchema* schema, const Kind& kind) {
  if (schema == nullptr) return;
  for (const DescribedMember& member : schema->members()) {
    const std::string pointer = pointer_below("", member.name);
    const auto form = kind.forms.find(pointer);
    const bool is_kept_as_digits = form != kind.forms.end() && form->second.digits;
    if (member.format == "cpf" && !is_kept_as_digits)
      root.fault("transforms", "a CPF is kept as its 11 digits: `" + pointer + ": digits` is missing");
  }
}

}  // namespace

std::vector<std::string> read_members(const Section& section, std::string_view key,
                                      const RecordSchema* schema) {
  std::vector<std::string> members = section.texts(key);
  if (members.empty()) section.fault(key, "must name at least one member");
  std::set<std::string> seen;
  for (const std::string& member : members) {
    if (!seen.insert(member).second) section.fault(key, "`" + member + "` is given twice");
    if (schema != nullptr && !schema->describes_member(member))
      section.fault(key, "the schema has no `" + member + "` among its properties");
  }
  return members;
}

std::map<std::string, Label> read_labels(const Section& labels, const RecordSchema* schema) {
  std::map<std::string, Label> read;
  for (const std::string& name : labels.keys()) {
    const std::string pointer = name.starts_with('/') ? name : pointer_below("", name);
    if (schema != nullptr && !schema->describes(pointer)) labels.fault(name, kNotDescribed);
    const Section label = labels.section(name);
    read[name] = {label.required_text("pt"), label.required_text("en")};
  }
  return read;
}

void read_transforms(const Section& root, const RecordSchema* schema, Kind& kind) {
  const Section transforms = root.section("transforms");
  std::vector<std::string> read;
  for (const std::string& pointer : transforms.keys()) {
    const auto given = treatment_of(transforms.one_or_more_texts(pointer));
    if (!given) transforms.fault(pointer, kTransform);
    const Treatment treatment = given.value_or(Treatment{{}, Transform::kDrop});
    const std::string gap = schema == nullptr ? "" : loophole(pointer, treatment, *schema);
    if (!gap.empty()) transforms.fault(pointer, gap);
    if (is_of_account(pointer, kind.account))
      transforms.fault(pointer, "is the account's, and is dealt with by itself");
    if (treatment.transform) {
      const std::string why = harm(pointer, *treatment.transform, kind);
      if (!why.empty()) transforms.fault(pointer, why);
      kind.transforms[pointer] = *treatment.transform;
    }
    if (treatment.form != WrittenForm{}) kind.forms[pointer] = treatment.form;
    for (const std::string& other : read)
      if (is_at_or_above(pointer, other) || is_at_or_above(other, pointer))
        transforms.fault(pointer, "overlaps with " + other);
    read.push_back(pointer);
  }
  if (read.size() > kMaxTransforms)
    root.fault("transforms", "at most " + std::to_string(kMaxTransforms) + " members can be transformed");
  hold_cpf(root, schema, kind);
}

void read_words_of_members(const Section& root, const RecordSchema* schema, Kind& kind) {
  const Section section = root.section("words");
  for (const std::string& pointer : section.keys()) {
    const std::string gap = schema == nullptr ? "" : loophole(pointer, {}, *schema);
    if (!gap.empty()) section.fault(pointer, gap);
    if (is_of_account(pointer, kind.account))
      section.fault(pointer, "is the account's, and is dealt with by itself");
    kind.forms[pointer].words = read_words(section.section(pointer));
  }
}

std::string in_form(const WrittenForm& form, std::string_view text) {
  std::string formed(form.trim ? without_blanks_around(text) : text);
  if (form.lower) formed = lower_case(formed);
  if (form.digits) std::erase_if(formed, [](char c) { return c < '0' || c > '9'; });
  return kept_word(form.words, formed).value_or(formed);
}

std::string key_in_form(const Kind& kind, std::string_view key) {
  const auto form = kind.forms.find(pointer_below("", kind.key));
  return form == kind.forms.end() ? std::string(key) : in_form(form->second, key);
}

}  // namespace comporta
