#include "services/cache/apply/part_header.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/broker/message.h"
#include "common/telemetry/trace.h"

namespace comporta {
namespace {

constexpr std::string_view kWrongType = "a member has the wrong type";

bool is_digest(std::string_view text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 64 && std::all_of(text.begin(), text.end(), is_hex);
}

/// Nobody, or the account of a kind.
bool is_principal(std::string_view text) {
  if (text.empty()) return true;
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && slash + 1 < text.size() && is_kind_name(text.substr(0, slash));
}

std::string_view unless(bool good, std::string_view fault) {
  return good ? std::string_view() : fault;
}

}  // namespace

void PartHeaderReader::begin_member(std::string_view name) {
  using Named = std::pair<std::string_view, Member>;
  static constexpr std::array kMembers{
      Named{"upload", Member::kUpload},       Named{"part", Member::kPart},
      Named{"parts", Member::kParts},         Named{"first", Member::kFirst},
      Named{"received", Member::kReceived},   Named{"traceparent", Member::kTrace},
      Named{"principal", Member::kPrincipal}, Named{"roles", Member::kRoles},
      Named{"digest", Member::kDigest},       Named{"action", Member::kAction},
      Named{"records", Member::kRecords}};
  const auto found = std::find_if(kMembers.begin(), kMembers.end(),
                                  [&](const Named& member) { return member.first == name; });
  member_ = found == kMembers.end() ? Member::kOther : found->second;
}

bool PartHeaderReader::is_number() const {
  return member_ == Member::kPart || member_ == Member::kParts || member_ == Member::kFirst;
}

std::string_view PartHeaderReader::take(Type type, std::string_view text) {
  if (member_ == Member::kTrace && is_sampled(text) && !trace_id(text).empty()) trace_ = text;
  if (!is_known()) return {};
  if (is_records() || is_roles()) return kWrongType;
  if (type != (is_number() ? Type::kNumber : Type::kString)) return kWrongType;
  return is_number() ? take_number(text) : take_text(text);
}

std::string_view PartHeaderReader::take_role(Type type, std::string_view text) {
  if (type != Type::kString) return "a role is not text";
  roles_ += roles_.empty() ? '[' : ',';
  append_json_string(roles_, text);
  return {};
}

std::string_view PartHeaderReader::take_text(std::string_view text) {
  switch (member_) {
    case Member::kUpload:
      upload_ = text;
      return unless(is_uuid_v7(upload_), "the upload is not a UUIDv7");
    case Member::kReceived:
      received_ = parse_date_time(text);
      return unless(received_.has_value(), "the time of receipt is malformed");
    case Member::kPrincipal:
      principal_ = text;
      return unless(is_principal(principal_), "the principal is malformed");
    case Member::kDigest:
      digest_ = text;
      return unless(is_digest(digest_), "the digest is malformed");
    default:
      deletes_ = text == kDeleteAction;
      return unless(deletes_, "the action is unknown");
  }
}

std::string_view PartHeaderReader::take_number(std::string_view text) {
  const auto number = whole_number<std::size_t>(text);
  if (member_ == Member::kFirst) {
    first_ = number.value_or(0);
    return unless(number.has_value(), "the first record is not a number from 0");
  }
  (member_ == Member::kPart ? part_ : parts_.emplace()) = number.value_or(0);
  return unless(number.value_or(0) > 0, "the part is not a number from 1");
}

std::string_view PartHeaderReader::fault_of_all() const {
  if (upload_.empty()) return "the upload is missing";
  if (part_ == 0) return "the part is missing";
  if (part_ > parts_.value_or(part_)) return "there are not so many parts";
  if (!received_) return "the time of receipt is missing";
  return {};
}

Part PartHeaderReader::make_part(const Kind& kind, Group& group) const {
  Part part{.kind = &kind, .mark = {}, .digest = {}, .first_record = 0, .record_count = 0};
  part.mark = group.add_text(upload_ + ":" + std::to_string(part_));
  part.digest = group.add_text(digest_);
  part.upload = {part.mark.begin, static_cast<std::uint32_t>(upload_.size())};
  part.received_ms = received_->time_since_epoch().count();
  part.deletes = deletes_;
  part.number = part_;
  part.parts = parts_.value_or(part_);
  part.first = first_;
  part.principal = group.add_text(principal_);
  part.roles = group.add_text(roles_.empty() ? roles_ : roles_ + "]");
  part.trace = group.add_text(trace_);
  return part;
}

}  // namespace comporta
