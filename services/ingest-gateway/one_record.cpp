#include "services/ingest-gateway/one_record.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/json/rapid.h"

namespace comporta::gateway {
namespace {

/// Control characters aside: in JSON they can be written as escapes.
bool is_utf8(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return find_byte_unfit_for_json(text) == std::string::npos;
}

Problem invalid(std::string detail, RecordFault fault) {
  return {.status = 422,
          .type = "urn:comporta:problem:invalid-records",
          .title = "Not the record of this address",
          .detail = std::move(detail),
          .errors = {std::move(fault)}};
}

/// What `schema` says against a key that no record has brought.
std::optional<Problem> unless_a_key(const Kind& kind, std::string_view key, const RecordSchema& schema) {
  std::string alone = tombstone(kind, key);
  auto checked = check_upload(alone, UploadFormat::kJson, schema, {});
  if (auto* problem = std::get_if<Problem>(&checked)) return std::move(*problem);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> decode_key(std::string_view sent) {
  std::optional<std::string> key = percent_decode(sent);
  return key && !key->empty() && is_utf8(*key) ? std::move(key) : std::nullopt;
}

std::string tombstone(const Kind& kind, std::string_view key) {
  return "{" + json_string(kind.key) + ":" + json_string(key) + "}";
}

std::optional<Problem> unless_the_one(const Kind& kind, std::string_view key, std::string_view body,
                                      const CheckedUpload& checked, const RecordSchema* of_lone_key) {
  if (checked.records.size() != 1)
    return invalid("A PUT carries one record.", {1, "", "maxItems", "must be the only record"});
  const RecordSlice slice = checked.records.front();
  rapidjson::Document record;
  record.Parse(body.data() + slice.begin, slice.end - slice.begin);
  const rapidjson::Value* const own = member_of(record, kind.key);
  if (own == nullptr && of_lone_key != nullptr) return unless_a_key(kind, key, *of_lone_key);
  if (own != nullptr && own->IsString() && text_of(*own) == key) return std::nullopt;
  return invalid("The record has another key than the address.",
                 {0, pointer_below("", kind.key), "const", "must be the key in the address"});
}

}  // namespace comporta::gateway
