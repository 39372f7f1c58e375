// What kind.yaml says of single members of a record.

#include <algorithm>
#include <set>

#include "common/json/rapid.h"
#include "common/kinds/reading.h"

namespace comporta {
namespace {

constexpr std::string_view kNotDescribed = "the schema has no such member; arrays are not looked into";

bool is_at_or_above(std::string_view pointer, std::string_view other) {
  return other.starts_with(pointer) &&
         (other.size() == pointer.size() || other.substr(pointer.size()).starts_with('/'));
}

Transform transform_named(std::string_view name) {
  return name == "mask" ? Transform::kMask : name == "hash" ? Transform::kHash : Transform::kDrop;
}

/// Why `transform` of `pointer` could be got round by a record that the schema allows; empty: it cannot.
std::string loophole(std::string_view pointer, Transform transform, const RecordSchema& schema) {
  if (!schema.describes(pointer)) return std::string(kNotDescribed);
  if (transform != Transform::kDrop && !schema.has_type(pointer, "string"))
    return "must be of `type: string` in the schema";
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
  const KindAccount& account = kind.account;
  for (const std::string& member : {account.login, account.password, account.roles})
    if (!member.empty() && touches(member)) return "is the account's, and is dealt with by itself";
  if (transform != Transform::kDrop) return {};
  if (std::ranges::any_of(kind.cache_fields, touches)) return "is dropped, but kept in the cache";
  if (std::ranges::any_of(kind.views.fields, touches)) return "is dropped, but given to the views";
  if (std::ranges::any_of(kind.views.compares, touches)) return "is dropped, but compared by the views";
  if (std::ranges::any_of(kind.views.folded, touches)) return "is dropped, but folded for the views";
  return {};
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

std::map<std::string, Transform> read_transforms(const Section& transforms, const RecordSchema* schema,
                                                 const Kind& kind) {
  std::map<std::string, Transform> read;
  for (const std::string& pointer : transforms.keys()) {
    const Transform transform = transform_named(transforms.choice(pointer, "drop", {"drop", "mask", "hash"}));
    const std::string gap = schema == nullptr ? "" : loophole(pointer, transform, *schema);
    if (!gap.empty()) transforms.fault(pointer, gap);
    if (const std::string why = harm(pointer, transform, kind); !why.empty()) transforms.fault(pointer, why);
    for (const auto& [other, unused] : read)
      if (is_at_or_above(pointer, other) || is_at_or_above(other, pointer))
        transforms.fault(pointer, "overlaps with " + other);
    read[pointer] = transform;
  }
  return read;
}

}  // namespace comporta
