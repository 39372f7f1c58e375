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

Stamps::Stamps(const Kind& kind)
    : kind_(kind.name), key_(kind.key), stamps_(kind.stamps), uuid_sources_(kind.uuid_sources) {
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

std::map<std::string, std::string> Stamps::sources_of(std::string_view record) const {
  std::map<std::string, std::string> values;
  for (const auto& [member, source] : uuid_sources_)
    if (const auto found = find_members(record, {source}).front())
      values[member] =
          found->text.value_or(std::string(record.substr(found->begin, found->end - found->begin)));
  return values;
}

std::string Stamps::uuid_of(const std::string& member, std::string_view value,
                            const Occasion& occasion) const {
  const Sha256 hash = sha256_of_pieces({"uuid of", kind_, member, occasion.caller, value});
  return uuid_v8_from(std::span<const std::uint8_t, 16>(hash.data(), 16));
}

/// `,"client":"c1","date":"…"`: what is to be put into the record.
std::string Stamps::members_of(std::size_t index, std::string_view record, const Occasion& occasion) const {
  std::vector<std::string_view> names;
  names.reserve(stamps_.size());
  for (const auto& [member, stamp] : stamps_) names.push_back(member);
  std::vector<std::optional<FoundMember>> sent(names.size());
  if (occasion.by_admin) sent = find_members(record, names);
  std::string members;
  const auto sources = sources_of(record);
  auto is_sent = sent.begin();
  for (const auto& [member, stamp] : stamps_) {
    const bool is_there = (is_sent++)->has_value() || (!occasion.address.empty() && member == key_);
    if (is_there) continue;
    const auto source = sources.find(member);
    append_text_member(members, member,
                       source == sources.end() ? text_of(member, stamp, index, occasion)
                                               : uuid_of(member, source->second, occasion));
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
