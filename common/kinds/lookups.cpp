#include "common/kinds/lookups.h"

#include <set>
#include <utility>

#include "common/broker/message.h"
#include "common/kinds/reading.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

constexpr DurationRule kTtl{60s, 1s, 24h};
constexpr DurationRule kStale{24h, 0s, 168h};
/// Asked twice in its place, somebody is answered before a request's time is over.
constexpr DurationRule kTimeout{3s, 100ms, 4s};

void read_url(const Section& section, KindLookup& lookup) {
  ProviderAddress address = read_address(section, "get");
  if (address.url.empty()) return;
  lookup.host = std::move(address.host);
  lookup.url = std::move(address.url);
  std::set<std::string> used;
  for (const TextPiece& piece : lookup.url) used.insert(piece.name);
  used.erase("");
  for (const std::string& name : used)
    if (!lookup.question.parameters.contains(name))
      section.fault("get", "there is no parameter `" + name + "`");
  for (const auto& [name, parameter] : lookup.question.parameters)
    if (!used.contains(name)) section.section("parameters").fault(name, "is not in `get`");
}

/// What is not sent by default must be.
void read_question(const Section& section, KindLookup& lookup) {
  lookup.question = read_query(section);
  for (auto& [name, parameter] : lookup.question.parameters)
    if (parameter.fallback.empty()) parameter.required = true;
}

void read_headers(const Section& headers, KindLookup& lookup) {
  for (const std::string& name : headers.keys()) {
    if (!is_header_name(name)) headers.fault(name, "is no name of a header that a kind may send");
    lookup.headers[name] = read_secret_header(headers.section(name));
  }
}

void read_success(const Section& success, KindLookup& lookup) {
  for (const std::string& pointer : success.keys()) {
    hold_pointer(success, pointer, pointer);
    lookup.success[pointer] = success.required_text(pointer);
  }
}

void read_result(const Section& section, KindLookup& lookup) {
  const Section result = section.section("result");
  const std::vector<std::string> names = result.keys();
  if (names.empty()) section.fault("result", "must name at least one member");
  for (const std::string& name : names) {
    if (!is_member_name(name))
      result.fault(name, "a member's name has letters, digits and _ only, at most 63");
    if (name == "fetched_at" || name == "stale") result.fault(name, "is what every lookup answers");
    const Section member = result.section(name);
    LookupMember& read = lookup.result[name];
    read.pointer = member.required_text("pointer");
    if (!read.pointer.empty()) hold_pointer(member, "pointer", read.pointer);
    if (!member.has("type")) member.fault("type", "is missing: expected one of number, text, flag");
    const std::string type = member.choice("type", "number", {"number", "text", "flag"});
    for (const auto one : {LookupMember::Type::kText, LookupMember::Type::kFlag})
      if (type == type_name(one)) read.type = one;
  }
}

std::chrono::seconds whole_seconds(const Section& section, std::string_view key, const DurationRule& rule) {
  const std::chrono::milliseconds time = section.duration(key, rule);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  if (seconds != time) section.fault(key, "must be whole seconds");
  return seconds;
}

KindLookup read_lookup(const Section& section) {
  KindLookup lookup;
  read_question(section, lookup);
  read_url(section, lookup);
  read_headers(section.section("headers"), lookup);
  read_success(section.section("success"), lookup);
  read_result(section, lookup);
  lookup.ttl = whole_seconds(section, "ttl", kTtl);
  lookup.stale = whole_seconds(section, "stale", kStale);
  lookup.timeout = section.duration("timeout", kTimeout);
  return lookup;
}

}  // namespace

std::string_view type_name(LookupMember::Type type) {
  switch (type) {
    case LookupMember::Type::kNumber:
      return "number";
    case LookupMember::Type::kText:
      return "text";
    case LookupMember::Type::kFlag:
      return "flag";
  }
  return {};
}

std::map<std::string, KindLookup, std::less<>> read_lookups(const Section& lookups, const Kind& kind) {
  std::map<std::string, KindLookup, std::less<>> read;
  for (const std::string& name : lookups.keys()) {
    if (!is_kind_name(name))
      lookups.fault(name, "a lookup's name has lower-case letters, digits and inner hyphens only");
    if (kind.views.queries.contains(name)) lookups.fault(name, "is a query's name, too");
    read[name] = read_lookup(lookups.section(name));
  }
  return read;
}

}  // namespace comporta
