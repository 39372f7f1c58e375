#include "common/kinds/hooks.h"

#include <algorithm>
#include <set>

#include "common/json/rapid.h"
#include "common/kinds/reading.h"
#include "common/kinds/sent_schema.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using Schema = std::shared_ptr<const RecordSchema>;

constexpr DurationRule kWindow{300s, 1s, 168h};
constexpr std::size_t kMostSecrets = 2;

void read_scheme(const Section& signature, KindHook& hook) {
  std::vector<std::string> names;
  for (const SchemeRules& rules : signature_schemes()) names.emplace_back(rules.name);
  if (!signature.has("scheme")) signature.required_text("scheme");
  const std::string name = signature.choice("scheme", names.front(), names);
  hook.scheme = std::ranges::find(signature_schemes(), name, &SchemeRules::name)->scheme;
}

void read_demand(const Section& signature, KindHook& hook) {
  using Demand = KindHook::Demand;
  const std::string word = signature.choice("required", "required", {"required", "if-present", "off"});
  hook.demand = word == "off" ? Demand::kOff : word == "if-present" ? Demand::kIfPresent : Demand::kRequired;
}

void read_signature(const Section& signature, KindHook& hook) {
  read_scheme(signature, hook);
  read_demand(signature, hook);
  hook.secrets = signature.texts("secrets");
  if (!std::ranges::all_of(hook.secrets, is_secret_name))
    signature.fault("secrets", "are names of lower-case letters, digits, _ and -, at most 63");
  if (hook.secrets.size() > kMostSecrets)
    signature.fault("secrets", "at most two: the one in use, and the one before or after it");
  if (hook.secrets.empty() && hook.demand != KindHook::Demand::kOff)
    signature.fault("secrets", "must name at least one, unless signatures are `required: off`");
  hook.window = signature.duration("window", kWindow);
  if (signature.has("window") && !rules_of(hook.scheme).signs_time)
    signature.fault("window", "of that scheme no time is signed");
}

std::string join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

HookSource read_source(const Section& section, const SchemeRules& scheme) {
  using Where = HookSource::Where;
  const std::vector<std::string> keys = section.keys();
  const std::string key = keys.size() == 1 ? keys.front() : "";
  HookSource source{Where::kQuery, key.empty() ? "" : section.required_text(key)};
  if (key == "header") {
    source.where = Where::kHeader;
    if (!std::ranges::count(scheme.headers, source.name))
      section.fault("header", "must be one of the scheme's, in lower case: " + join(scheme.headers));
  } else if (key == "pointer") {
    source.where = Where::kBody;
    if (!source.name.starts_with('/') ||
        !rapidjson::Pointer(source.name.data(), source.name.size()).IsValid())
      section.fault("pointer", "must be a JSON pointer into the notice, such as /data/id");
    if (!scheme.signs_body)
      section.fault("pointer", "of that scheme the body is not signed: take it from the query");
  } else if (key != "query") {
    section.fault(keys.empty() ? "query" : keys.front(), "expected one of query, header, pointer");
  }
  return source;
}

/// `record` of a hook, member by member.
class HookRecord {
 public:
  HookRecord(const Section& record, const Schema& schema, const Kind& kind, const SchemeRules& scheme)
      : record_(record), schema_(schema), kind_(kind), scheme_(scheme) {}

  std::vector<HookMember> read() const {
    std::vector<HookMember> members;
    for (const std::string& name : record_.keys()) members.push_back(read_member(name, members));
    if (schema_ != nullptr) hold(members);
    return members;
  }

 private:
  HookMember read_member(const std::string& name, const std::vector<HookMember>& above) const {
    HookMember member{.name = name};
    if (record_.is_mapping(name))
      member.sources.push_back(read_source(record_.section(name), scheme_));
    else if (record_.is_list(name))
      for (const Section& source : record_.sections(name))
        member.sources.push_back(read_source(source, scheme_));
    else
      member.text = read_text(name, above);
    return member;
  }

  std::vector<TextPiece> read_text(const std::string& name, const std::vector<HookMember>& above) const {
    std::vector<TextPiece> pieces = pieces_of(record_.required_text(name));
    const auto is_above = [&](const TextPiece& piece) {
      return piece.name.empty() || std::ranges::count(above, piece.name, &HookMember::name) > 0;
    };
    if (pieces.empty() || !std::ranges::all_of(pieces, is_above))
      record_.fault(name, "expected where it stands, or a text with members above it between braces");
    return pieces;
  }

  /// What is made of a notice is held to what anybody may send.
  void hold(const std::vector<HookMember>& members) const {
    const Schema sent = sent_schema(schema_, kind_, false);
    for (const HookMember& member : members) {
      if (!schema_->describes_member(member.name))
        record_.fault(member.name, "the schema has no `" + member.name + "` among its properties");
      if (kind_.stamps.contains(member.name)) record_.fault(member.name, "is stamped: leave it out");
    }
    for (const DescribedMember& needed : sent->members())
      if (sent->requires_member(needed.name) &&
          std::ranges::count(members, needed.name, &HookMember::name) == 0)
        record_.fault(needed.name, "is missing, but the schema requires it");
  }

  const Section& record_;
  const Schema& schema_;
  const Kind& kind_;
  const SchemeRules& scheme_;
};

/// Nobody has logged in who sends a notice.
void hold_sender(const Section& root, const Kind& kind) {
  if (kind.account.is_one()) root.fault("hook", "nobody outside makes accounts");
  const auto is_principal = [](const auto& stamp) { return stamp.second == Stamp::kPrincipal; };
  if (std::ranges::any_of(kind.stamps, is_principal))
    root.fault("hook", "nobody has logged in who tells something: no member can be stamped `principal`");
  if (kind.access.create.anyone != kind.access.change.anyone)
    root.fault("hook", "with `access.create: anyone`, or `change`, the other must be `anyone`, too");
}

int read_answer(const Section& section) {
  const std::string answer = section.choice("answer", "200", {"200", "201", "202"});
  return std::stoi(answer);
}

}  // namespace

std::optional<KindHook> read_hook(const Section& root, const Schema& schema, const Kind& kind) {
  if (!root.has("hook")) return std::nullopt;
  const Section section = root.section("hook");
  KindHook hook;
  read_signature(section.section("signature"), hook);
  const Section record = section.section("record");
  hook.record = HookRecord(record, schema, kind, rules_of(hook.scheme)).read();
  hook.answer = read_answer(section);
  hold_sender(root, kind);
  return hook;
}

}  // namespace comporta
