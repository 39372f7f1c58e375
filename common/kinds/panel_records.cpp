// What can be done at a panel: records that are made, changed and taken away.

#include <algorithm>

#include "common/base/text.h"
#include "common/json/rapid.h"
#include "common/kinds/page_reading.h"

namespace comporta {
namespace {

const RecordSchema* schema_of(const PageWorld& world, const Kind& kind) {
  const auto found = world.schemas.find(kind.name);
  return found == world.schemas.end() ? nullptr : found->second.get();
}

/// Filled in by the service, or without need: nobody is asked for it.
bool is_needless(const Kind& kind, const std::string& member) {
  return kind.stamps.contains(member) || member == kind.account.password || member == kind.account.roles;
}

/// What views fill in an admin may give, too.
bool is_filled_in_at_the_door(const Kind& kind, const std::string& member) {
  const auto stamp = kind.stamps.find(member);
  return stamp != kind.stamps.end() && stamp->second != Stamp::kViews;
}

/// `member` must be one that people can give to a record of the kind.
bool hold_member(const Section& section, std::string_view key, const std::string& member, const Kind& kind,
                 const RecordSchema* schema) {
  if (schema != nullptr && !schema->describes_member(member))
    section.fault(key, "the schema of " + kind.name + " has no `" + member + "` among its properties");
  else if (is_filled_in_at_the_door(kind, member))
    section.fault(key, "`" + member + "` is filled in by the service");
  else
    return true;
  return false;
}

/// The member's value as JSON, of the type that the schema wants.
std::string value_json(const Section& with, const std::string& member, const RecordSchema& schema,
                       Values values) {
  const std::string text = with.text(member, "");
  if (values == Values::kWithMembers && names_member(text)) return json_string(text);
  const bool is_text = schema.has_type(pointer_below("", member), "string");
  std::string json = is_text ? json_string(text) : text;
  std::string record = "{" + json_string(member) + ":" + json + "}";
  const auto checked = check_upload(record, UploadFormat::kJson, *schema.of_member_alone(member), {});
  const auto* const problem = std::get_if<Problem>(&checked);
  if (problem == nullptr) return json;
  with.fault(member, problem->errors.empty()
                         ? "the schema does not take it"
                         : "the schema does not take it: it " + problem->errors[0].detail);
  return "null";
}

/// A record without one of these would be refused.
void hold_that_all_is_there(const Section& section, const std::set<std::string>& given, const Kind& kind,
                            const RecordSchema& schema) {
  for (const auto& [member, types, format] : schema.members())
    if (schema.requires_member(member) && !is_needless(kind, member) && !given.contains(member))
      section.fault("upload",
                    "the schema of " + kind.name + " requires `" + member + "`, which nothing gives");
}

/// A change is sent whole: what the cache has, with some of it given anew.
void hold_that_nothing_is_lost(const Section& row, const Kind& kind, const RecordSchema& schema) {
  const auto& kept = kind.cache_fields;
  for (const auto& [member, types, format] : schema.members())
    if (!is_needless(kind, member) && member != kind.key &&
        std::find(kept.begin(), kept.end(), member) == kept.end())
      row.fault("edit", "a change would lose `" + member + "`, which the cache does not keep");
}

void read_edit(PanelPart& row, const Kind& kind, const RecordSchema* schema) {
  const Section& section = row.section();
  if (!section.has("edit")) return;
  if (schema != nullptr) hold_that_nothing_is_lost(section, kind, *schema);
  const std::vector<std::string> members = section.one_or_more_texts("edit");
  if (members == std::vector<std::string>{"true"}) return row.add("edit", "true");
  row.add("edit", json_texts(members));
  if (members.empty()) section.fault("edit", "must be true, or name at least one member");
  for (const std::string& member : members) {
    if (member == kind.key) section.fault("edit", "`" + member + "` is the record's key, which stays");
    hold_member(section, "edit", member, kind, schema);
  }
}

}  // namespace

const Kind* read_kind_of(PanelPart& part, std::string_view key, const PageWorld& world,
                         const Kind* fallback) {
  const Section& section = part.section();
  const std::string name = section.text(key, fallback == nullptr ? "" : fallback->name);
  part.add(key, json_string(name));
  const Kind* const kind = world.kinds.find(name);
  if (kind == nullptr && (section.has(key) || fallback != nullptr))
    section.fault(key, "there is no kind `" + name + "`");
  return kind;
}

std::set<std::string> read_members_given(PanelPart& part, const PageWorld& world, const Kind* kind,
                                         Values values) {
  const Section with = part.section().section("with");
  const RecordSchema* const schema = kind == nullptr ? nullptr : schema_of(world, *kind);
  std::set<std::string> given;
  JsonObject members;
  for (const std::string& member : with.keys()) {
    given.insert(member);
    if (kind == nullptr || !hold_member(with, member, member, *kind, schema) || schema == nullptr) continue;
    members.add(member, value_json(with, member, *schema, values));
  }
  if (part.section().has("with")) part.add("with", members.text());
  return given;
}

std::string read_action(const Section& section, const PageWorld& world, std::string_view also) {
  PanelPart action(section);
  const std::string name = section.required_text("upload");
  const Kind* const kind = world.kinds.find(name);
  if (kind == nullptr && !name.empty()) section.fault("upload", "there is no kind `" + name + "`");
  action.add("upload", json_string(name));
  action.label("title");
  std::set<std::string> given = read_members_given(action, world, kind, Values::kWithMembers);
  std::vector<std::string> asked =
      section.has("ask") ? action.needed_texts("ask") : std::vector<std::string>();
  if (!also.empty()) asked.push_back(action.needed_text(also));
  const RecordSchema* const schema = kind == nullptr ? nullptr : schema_of(world, *kind);
  for (const std::string& member : asked) {
    const std::string_view key = &member == &asked.back() && !also.empty() ? also : "ask";
    if (!given.insert(member).second) section.fault(key, "`" + member + "` is given twice");
    if (kind != nullptr && !member.empty()) hold_member(section, key, member, *kind, schema);
  }
  if (schema != nullptr) hold_that_all_is_there(section, given, *kind, *schema);
  return action.json();
}

std::string read_row(const Section& section, const PageWorld& world, const Kind* viewed, bool is_inner) {
  PanelPart row(section);
  const Kind* const kind = read_kind_of(row, "kind", world, viewed);
  const std::string key = section.text("key", kind == nullptr ? "" : kind->key);
  row.add("key", json_string(key));
  if (kind != nullptr) read_edit(row, *kind, schema_of(world, *kind));
  row.flag("delete");
  row.texts_by_name("when");
  row.parts("actions", 0, [&](const Section& action) { return read_action(action, world, ""); });
  if (!section.has("open")) return row.json();
  if (is_inner) section.fault("open", "what is opened cannot be opened once more");
  row.add("open", read_panels(section, "open", world, true));
  return row.json();
}

}  // namespace comporta
