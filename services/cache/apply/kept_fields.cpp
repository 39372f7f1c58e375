#include "services/cache/apply/kept_fields.h"

#include <algorithm>
#include <array>

#include "common/base/digest.h"
#include "common/base/folded_text.h"
#include "common/base/text.h"
#include "common/base/text_format.h"
#include "common/json/rapid.h"

namespace comporta {
namespace {

constexpr std::size_t kLongestOrder =
    64;  // members of which it is remembered; the others share the last place
constexpr std::array<std::string_view, 3> kAccountLabels{R"("login":)", R"("password":)", R"("roles":)"};

/// In the order of their labels.
std::vector<std::string> members_of(const KindAccount& account) {
  if (!account.is_one()) return {};
  std::vector<std::string> members{account.login, account.password};
  if (!account.roles.empty()) members.push_back(account.roles);
  return members;
}

/// The members that the cache keeps, first that which says whose the record is, where the views' code may
/// have to put another in its place (keep_owner() of prelude/access.lua).
std::vector<std::string> cached_members(const Kind& kind) {
  std::vector<std::string> members = kind.cache_fields;
  const auto owner = std::find(members.begin(), members.end(), kind.access.owner);
  if (owner != members.end()) std::rotate(members.begin(), owner, owner + 1);
  return members;
}

/// Whether the text between the quotes of a JSON text stands for itself, and its folded form will.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c < 0x7F && c != '\\' && c != '{'; });
}

/// What a JSON text says. One with escapes that nobody can read stands for itself.
std::string decoded(std::string_view raw) {
  const std::string_view between = raw.substr(1, raw.size() - 2);
  if (between.find('\\') == std::string_view::npos) return std::string(between);
  rapidjson::Document text;
  text.Parse(raw.data(), raw.size());
  return text.IsString() ? std::string(text.GetString(), text.GetStringLength()) : std::string(between);
}

/// The folded form of a JSON value, as JSON without any `{`. What is no text is null.
void fold_value(std::string& out, std::string_view raw) {
  out.clear();
  if (!raw.starts_with('"')) {
    out = "null";
  } else if (const std::string_view text = raw.substr(1, raw.size() - 2); is_plain(text)) {
    out += '"';
    append_folded(out, text);
    out += '"';
  } else {
    std::string folded;
    append_folded(folded, decoded(raw));
    append_json_string(out, folded);
    for (std::size_t at = 0; (at = out.find('{', at)) != std::string::npos;) out.replace(at, 1, "\\u007b");
  }
}

}  // namespace

KeptFields::KeptFields(const Kind& kind)
    : kind_(kind),
      cached_(find_or_add(cached_members(kind))),
      account_(find_or_add(members_of(kind.account))) {
  if (has_fields_apart(kind)) viewed_ = find_or_add(kind.views.fields);
  if (has_views(kind)) compared_ = find_or_add(kind.views.compares);
  if (has_views(kind)) folded_ = find_or_add(kind.views.folded);
  for (const std::size_t index : folded_) fields_[index].folds = true;
}

KeptFields::Indices KeptFields::find_or_add(const std::vector<std::string>& names) {
  Indices indices;
  for (const std::string& name : names) {
    const auto is_it = [&](const Field& field) { return field.name == name; };
    const auto found = std::find_if(fields_.begin(), fields_.end(), is_it);
    indices.push_back(static_cast<std::size_t>(found - fields_.begin()));
    if (found == fields_.end()) fields_.push_back({name, json_string(name) + ":"});
  }
  return indices;
}

void KeptFields::begin_record() {
  for (Field& field : fields_) field.raw = {};
  event_time_ms_.reset();
  next_ = 0;
}

void KeptFields::begin_member(std::string_view name) {
  if (next_ == kLongestOrder) --next_;
  if (next_ == order_.size()) order_.push_back(look_up(name));
  if (order_[next_].name != name) order_[next_] = look_up(name);
  ++next_;
}

KeptFields::Member KeptFields::look_up(std::string_view name) const {
  const auto is_it = [&](const Field& field) { return field.name == name; };
  const auto found = std::find_if(fields_.begin(), fields_.end(), is_it);
  const bool is_event_time = has_views(kind_) && !name.empty() && name == kind_.event_time;
  return {std::string(name), name == kind_.key, is_event_time,
          static_cast<std::size_t>(found - fields_.begin())};
}

void KeptFields::set_event_time(std::string_view text) {
  event_time_ms_.reset();
  if (const auto moment = parse_date_time(text)) event_time_ms_ = moment->time_since_epoch().count();
}

void KeptFields::set_value(std::string_view raw) {
  const std::size_t field = order_[next_ - 1].field;
  if (field == fields_.size()) return;
  fields_[field].raw = raw;
  if (fields_[field].folds) fold_value(fields_[field].folded, raw);
}

void KeptFields::add_record(Slice key, Group& group) const {
  const Slice folded = folded_.empty() ? Slice{} : add_folded(group);
  const Slice value = add_object(cached_, As::kGiven, group);
  const Slice viewed = viewed_.empty() ? Slice{} : add_object(viewed_, As::kGiven, group);
  const Slice fingerprint = compared_.empty() ? Slice{} : add_fingerprint(group);
  const Slice account = account_.empty() ? Slice{} : add_account(group);
  group.records.push_back({key, value, viewed, event_time_ms_, fingerprint, folded, account});
}

Slice KeptFields::add_account(Group& group) const {
  const std::size_t begin = group.text.size();
  for (std::size_t i = 0; i < account_.size(); ++i) {
    const std::string_view raw = fields_[account_[i]].raw;
    if (raw.empty()) continue;
    group.text += group.text.size() == begin ? '{' : ',';
    (group.text += kAccountLabels[i]) += raw;
  }
  if (group.text.size() == begin) group.text += '{';
  group.text += '}';
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(group.text.size() - begin)};
}

/// A list, in the order of the kind.
Slice KeptFields::add_folded(Group& group) const {
  const std::size_t begin = group.text.size();
  char before = '[';
  for (const std::size_t index : folded_) {
    group.text += before;
    group.text += fields_[index].raw.empty() ? "null" : fields_[index].folded;
    before = ',';
  }
  group.text += ']';
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(group.text.size() - begin)};
}

Slice KeptFields::add_object(const Indices& fields, As as, Group& group) const {
  const std::size_t begin = group.text.size();
  char before = '{';
  for (const std::size_t index : fields) {
    const Field& field = fields_[index];
    if (field.raw.empty()) continue;
    group.text += before;
    group.text += field.label;
    group.text += field.folds && as == As::kFolded ? std::string_view(field.folded) : field.raw;
    before = ',';
  }
  if (before == '{') group.text += before;
  group.text += '}';
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(group.text.size() - begin)};
}

Slice KeptFields::add_fingerprint(Group& group) const {
  const Slice object = add_object(compared_, As::kFolded, group);
  const Sha256 digest = sha256(group.at(object));
  group.text.resize(object.begin);
  append_hex(group.text, std::span(digest).first<kFingerprintBytes / 2>());
  return {object.begin, kFingerprintBytes};
}

}  // namespace comporta
