#include "services/cache/redis/upload_hash.h"

#include "common/base/text.h"
#include "common/json/text_member.h"

namespace comporta {
namespace {

constexpr std::string_view kPart = "part:";

NotApplied parse_record(std::string_view json) {
  const auto text = [json](std::string_view name) { return text_member(json, name).value_or(""); };
  return {.key = text("key"), .outcome = text("outcome"), .reason = text("reason")};
}

void add(UploadOutcome& outcome, std::string_view name, std::string_view value) {
  if (name == "principal") {
    outcome.principal = value;
  } else if (name == "parts") {
    outcome.parts = whole_number<std::size_t>(value).value_or(0);
  } else if (name == "more") {
    outcome.more = whole_number<std::size_t>(value).value_or(0);
  } else if (name.starts_with(kPart)) {
    if (const auto part = whole_number<std::size_t>(name.substr(kPart.size())))
      outcome.records_of[*part] = whole_number<std::size_t>(value).value_or(0);
  } else if (const auto index = whole_number<std::size_t>(name)) {
    outcome.not_applied[*index] = parse_record(value);
  }
}

}  // namespace

UploadOutcome parse_upload_hash(const RedisValue& fields) {
  UploadOutcome outcome;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) add(outcome, fields[i].text(), fields[i + 1].text());
  return outcome;
}

}  // namespace comporta
