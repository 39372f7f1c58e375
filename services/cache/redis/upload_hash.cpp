#include "services/cache/redis/upload_hash.h"

#include <charconv>
#include <optional>

#include "common/json/text_member.h"

namespace comporta {
namespace {

constexpr std::string_view kPart = "part:";

std::optional<std::size_t> number_in(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

NotApplied parse_record(std::string_view json) {
  const auto text = [json](std::string_view name) { return text_member(json, name).value_or(""); };
  return {.key = text("key"), .outcome = text("outcome"), .reason = text("reason")};
}

void add(UploadOutcome& outcome, std::string_view name, std::string_view value) {
  if (name == "principal") {
    outcome.principal = value;
  } else if (name == "parts") {
    outcome.parts = number_in(value).value_or(0);
  } else if (name == "more") {
    outcome.more = number_in(value).value_or(0);
  } else if (name.starts_with(kPart)) {
    if (const auto part = number_in(name.substr(kPart.size())))
      outcome.records_of[*part] = number_in(value).value_or(0);
  } else if (const auto index = number_in(name)) {
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
