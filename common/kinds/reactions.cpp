#include "common/kinds/reactions.h"

#include <algorithm>
#include <set>

#include "common/access/caller.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/broker/message.h"
#include "common/json/rapid.h"
#include "common/kinds/reading.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxBodyBytes = std::size_t{64} << 10;
constexpr DurationRule kTimeout{10s, 100ms, 60s};
constexpr CountRule kTries{8, 1, 16};
constexpr std::string_view kPieces = "must have a name of a value between braces, and no other braces";

bool has_good_names(const std::vector<TextPiece>& pieces) {
  return std::ranges::all_of(
      pieces, [](const auto& piece) { return piece.name.empty() || is_member_name(piece.name); });
}

std::vector<TextPiece> read_pieces(const Section& section, std::string_view key) {
  const std::string text = section.text(key, "");
  std::vector<TextPiece> pieces = pieces_of(text);
  if (!text.empty() && (pieces.empty() || !has_good_names(pieces))) section.fault(key, kPieces);
  return pieces;
}

bool has_good_texts(const rapidjson::Value& value) {
  if (value.IsString()) {
    const std::vector<TextPiece> pieces = pieces_of(text_of(value));
    return (value.GetStringLength() == 0 || !pieces.empty()) && has_good_names(pieces);
  }
  if (value.IsArray()) return std::ranges::all_of(value.GetArray(), has_good_texts);
  if (!value.IsObject()) return true;
  return std::ranges::all_of(value.GetObject(), [](const auto& one) { return has_good_texts(one.value); });
}

/// What is wrong with it; empty if it is good.
std::string fault_of_body(const std::string& text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(),
                                                                                         text.size());
  if (document.HasParseError()) return "is not JSON";
  return has_good_texts(document) ? "" : "a text in it " + std::string(kPieces);
}

std::string read_body(const Section& section, const std::filesystem::path& folder) {
  const std::string name = section.required_text("body");
  if (name.empty()) return {};
  if (std::filesystem::path(name).filename() != name || !name.ends_with(".json")) {
    section.fault("body", "must be the name of a .json file beside kind.yaml");
    return {};
  }
  std::string text = read_file(folder / name, kMaxBodyBytes).value_or("");
  if (text.empty())
    section.fault("body", "there is no such file of 1 byte to 64 KiB beside kind.yaml");
  else if (const std::string fault = fault_of_body(text); !fault.empty())
    section.fault("body", fault);
  return text;
}

void read_headers(const Section& headers, KindReaction& reaction) {
  for (const std::string& name : headers.keys()) {
    if (!is_header_name(name)) headers.fault(name, "is no name of a header that a kind may send");
    ReactionHeader& header = reaction.headers[name];
    if (headers.is_mapping(name)) {
      header.secret = read_secret_header(headers.section(name));
      continue;
    }
    header.text = read_pieces(headers, name);
    if (!is_printable(headers.required_text(name))) headers.fault(name, "must have printable ASCII only");
  }
}

/// What YAML takes for something else than a text.
bool is_literal(const Section& section, const std::string& key, const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  return !section.is_quoted(key) && !document.HasParseError() && !document.IsObject() &&
         !document.IsArray() && !document.IsString();
}

ReactionMember read_pointers(const Section& member) {
  ReactionMember read;
  read.pointers = member.one_or_more_texts("pointer");
  if (read.pointers.empty())
    member.fault("pointer", "is missing: expected a JSON pointer, or a list of them");
  for (const std::string& pointer : read.pointers) hold_pointer(member, "pointer", pointer);
  return read;
}

ReactionMember read_member(const Section& record, const std::string& name) {
  if (record.is_mapping(name)) return read_pointers(record.section(name));
  const std::string text = record.text(name, "");
  if (is_literal(record, name, text)) return {.json = text};
  if (text.empty()) return {.json = "\"\""};
  return {.text = read_pieces(record, name)};
}

ReactionOutcome read_outcome(const Section& section) {
  ReactionOutcome outcome{section.required_text("kind"), {}};
  const Section record = section.section("record");
  for (const std::string& name : record.keys()) outcome.record[name] = read_member(record, name);
  if (outcome.record.empty()) section.fault("record", "must name at least one member");
  return outcome;
}

void read_method(const Section& section, const std::filesystem::path& folder, KindReaction& reaction) {
  const bool gets = section.has("get");
  if (gets == section.has("post")) section.fault("post", "give either `post` or `get`");
  reaction.method = gets ? "GET" : "POST";
  reaction.address = read_address(section, gets ? "get" : "post");
  if (!has_good_names(reaction.address.url)) section.fault(gets ? "get" : "post", kPieces);
  if (!gets) reaction.body = read_body(section, folder);
}

void read_signature(const Section& section, KindReaction& reaction) {
  if (!section.has("sign")) return;
  const Section sign = section.section("sign");
  sign.choice("scheme", "standard-webhooks", {"standard-webhooks"});
  reaction.signing_secret = read_secret_name(sign, "secret");
  if (reaction.method == "GET") section.fault("sign", "what is signed is a body: it takes `post`");
}

KindReaction read_reaction(const Section& section, const std::filesystem::path& folder) {
  KindReaction reaction;
  read_method(section, folder, reaction);
  read_headers(section.section("headers"), reaction);
  read_signature(section, reaction);
  reaction.becomes = read_outcome(section.section("becomes"));
  reaction.failed = read_outcome(section.section("failed"));
  for (const auto& [name, member] : reaction.failed.record)
    if (!member.pointers.empty())
      section.section("failed").fault("record", "there is no answer to point into");
  reaction.timeout = section.duration("timeout", kTimeout);
  reaction.tries = section.count("tries", kTries);
  return reaction;
}

/// Outcomes come with that role, from no account of a kind.
bool lets_in(const AccessRule& create) {
  return create.anyone || std::ranges::find(create.roles, kReactorRole) != create.roles.end();
}

/// What is wrong with its kind; empty if nothing is.
std::string fault_of_kind(const Kind& asks, const Kind* becomes) {
  if (becomes == nullptr) return "there is no such kind";
  if (becomes->family != asks.family) return "must be of the same family, whose records keep their order";
  if (!becomes->views.compares.empty()) return "must be of a kind that does not compare";
  if (becomes->account.is_one()) return "must be of a kind without accounts";
  if (!lets_in(becomes->access.create))
    return "does not let the role reactor in: `access.create` of that kind";
  return {};
}

void hold_outcome(const Section& section, const ReactionOutcome& outcome, const Kind& asks,
                  const KindSet& kinds, const RecordSchema* schema) {
  if (outcome.kind.empty()) return;  // said already
  const Kind* const becomes = kinds.find(outcome.kind);
  if (const std::string fault = fault_of_kind(asks, becomes); !fault.empty())
    return section.fault("kind", fault);
  const Section record = section.section("record");
  for (const auto& [name, member] : outcome.record) {
    if (schema != nullptr && !schema->describes_member(name))
      record.fault(name, "the schema of " + outcome.kind + " has no such member");
    if (becomes->stamps.contains(name)) record.fault(name, "is stamped, and may not be sent");
  }
  if (!outcome.record.contains(becomes->key) && !becomes->stamps.contains(becomes->key))
    section.fault("record", "has no `" + becomes->key + "`, which is its key");
}

}  // namespace

std::map<std::string, KindReaction, std::less<>> read_reactions(const Section& root,
                                                                const std::filesystem::path& folder,
                                                                const Kind& kind) {
  std::map<std::string, KindReaction, std::less<>> read;
  const Section reactions = root.section("reactions");
  for (const std::string& name : reactions.keys()) {
    if (!is_kind_name(name) && !is_member_name(name))
      reactions.fault(name, "a reaction's name has letters, digits, _ and inner hyphens only");
    read[name] = read_reaction(reactions.section(name), folder);
  }
  if (!read.empty() && kind.views_lua.empty())
    root.fault("reactions", "there is no views.lua beside it, which would ask for one");
  return read;
}

void hold_reactions(const Section& root, const Kind& kind, const KindSet& kinds, const Schemas& schemas) {
  const Section reactions = root.section("reactions");
  const auto schema_of = [&](const std::string& name) {
    const auto found = schemas.find(name);
    return found == schemas.end() ? nullptr : found->second.get();
  };
  for (const auto& [name, reaction] : kind.reactions) {
    const Section section = reactions.section(name);
    for (const auto& [key, outcome] :
         {std::pair<const char*, const ReactionOutcome&>{"becomes", reaction.becomes},
          {"failed", reaction.failed}})
      hold_outcome(section.section(key), outcome, kind, kinds, schema_of(outcome.kind));
  }
}

}  // namespace comporta
