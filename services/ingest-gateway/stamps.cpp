#include "services/ingest-gateway/stamps.h"

#include <utility>
#include <vector>

#include "common/base/digest.h"
#include "common/base/uuid.h"
#include "services/ingest-gateway/record_members.h"

namespace comporta::gateway {

std::string stamped_uuid(std::string_view upload, std::size_t index, std::string_view member) {
  const Sha256 hash = sha256_of_pieces({"stamp", upload, std::to_string(index), member});
  const auto time = uuid_v7_time(upload).value_or(WallClock::time_point{});
  return uuid_v7_from(time, std::span<const std::uint8_t, 16>(hash.data(), 16));
}

Stamps::Stamps(const Kind& kind) : key_(kind.key), stamps_(kind.stamps) {
  std::erase_if(stamps_, [](const auto& stamp) { return stamp.second == Stamp::kViews; });
}

std::string Stamps::text_of(const std::string& member, Stamp stamp, std::size_t index,
                            const Occasion& occasion) const {
  switch (stamp) {
    case Stamp::kPrincipal:
      return occasion.caller;
    case Stamp::kNow:
      return occasion.received;
    case Stamp::kUuid:
    case Stamp::kViews:
      break;
  }
  return stamped_uuid(occasion.upload, index, member);
}

/// `,"client":"c1","date":"…"`: what is to be put into the record.
std::string Stamps::members_of(std::size_t index, std::string_view record, const Occasion& occasion) const {
  std::vector<std::string_view> names;
  names.reserve(stamps_.size());
  for (const auto& [member, stamp] : stamps_) names.push_back(member);
  std::vector<std::optional<FoundMember>> sent(names.size());
  if (occasion.by_admin) sent = find_members(record, names);
  std::string members;
  auto is_sent = sent.begin();
  for (const auto& [member, stamp] : stamps_) {
    const bool is_there = (is_sent++)->has_value() || (!occasion.address.empty() && member == key_);
    if (!is_there) append_text_member(members, member, text_of(member, stamp, index, occasion));
  }
  return members;
}

std::size_t Stamps::growth(const Occasion& occasion) const {
  std::string members;
  for (const auto& [member, stamp] : stamps_)
    append_text_member(members, member, text_of(member, stamp, 0, occasion));
  return members.size();
}

void Stamps::apply(std::string& body, CheckedUpload& checked, const Occasion& occasion) const {
  std::string stamped;
  stamped.reserve(body.size() + checked.records.size() * growth(occasion));
  for (std::size_t i = 0; i < checked.records.size(); ++i) {
    RecordSlice& slice = checked.records[i];
    const std::string_view record = std::string_view(body).substr(slice.begin, slice.end - slice.begin);
    const auto begin = static_cast<std::uint32_t>(stamped.size());
    append_with_members(stamped, record, members_of(i, record, occasion));
    slice = {begin, static_cast<std::uint32_t>(stamped.size())};
  }
  body = std::move(stamped);
}

void Stamps::set_key(std::string& body, CheckedUpload& checked, const std::string& address) const {
  RecordSlice& slice = checked.records.front();
  const std::string_view record = std::string_view(body).substr(slice.begin, slice.end - slice.begin);
  if (!has_key() || find_members(record, {key_}).front()) return;
  std::string members;
  append_text_member(members, key_, address);
  std::string with_key;
  append_with_members(with_key, record, members);
  slice = {0, static_cast<std::uint32_t>(with_key.size())};
  body = std::move(with_key);
}

}  // namespace comporta::gateway
