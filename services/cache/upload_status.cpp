#include "services/cache/upload_status.h"

#include <algorithm>
#include <map>

#include "common/base/text.h"

namespace comporta {
namespace {

using ParkedParts = std::map<std::size_t, std::string>;  // by part: why

bool is_there(const std::optional<AppliedBatch>& batch) {
  return batch.has_value();
}

ParkedParts parked_parts(const KnownUpload& upload) {
  ParkedParts parked;
  for (const auto& batch : upload.batches)
    for (const ParkedPart& part : batch ? batch->parked : std::vector<ParkedPart>())
      if (part.upload == upload.id) parked.emplace(part.part, part.reason);
  return parked;
}

/// A part is settled with its batch, in one step. Without its batches all is known of an upload whose sender
/// is known; of others there is nothing to wait for.
bool is_settled(const KnownUpload& upload, const ParkedParts& parked) {
  const auto& [id, outcome, batches] = upload;
  if (!batches.empty() && std::all_of(batches.begin(), batches.end(), is_there)) return true;
  if (outcome.principal.empty() && (batches.empty() || (batches.size() == 1 && outcome.is_marked)))
    return true;
  for (std::size_t part = 1; part <= outcome.parts; ++part)
    if (!outcome.records_of.contains(part) && !parked.contains(part)) return false;
  return outcome.parts > 0;
}

/// Each of its batches has at least a part of it, and its parts are numbered from 1.
bool has_applied_parts(const KnownUpload& upload, const ParkedParts& parked) {
  if (upload.outcome.is_marked || !upload.outcome.records_of.empty()) return true;
  if (parked.rbegin()->first > parked.size()) return true;
  const auto has_none_parked = [&](const std::optional<AppliedBatch>& batch) {
    const auto is_its = [&](const ParkedPart& part) { return part.upload == upload.id; };
    return batch && std::none_of(batch->parked.begin(), batch->parked.end(), is_its);
  };
  return std::any_of(upload.batches.begin(), upload.batches.end(), has_none_parked);
}

bool is_refused(const std::pair<const std::size_t, NotApplied>& record) {
  return record.second.outcome == "refused";
}

bool is_all_refused(const UploadOutcome& outcome) {
  if (outcome.records_of.size() < outcome.parts) return false;
  std::size_t records = 0;
  for (const auto& [part, count] : outcome.records_of) records += count;
  const auto& listed = outcome.not_applied;
  return std::all_of(listed.begin(), listed.end(), is_refused) && listed.size() + outcome.more == records;
}

std::string record_json(std::size_t index, const NotApplied& record) {
  return "{\"index\":" + std::to_string(index) + ",\"key\":" + json_string(record.key) +
         ",\"outcome\":" + json_string(record.outcome) + ",\"reason\":" + json_string(record.reason) + "}";
}

std::string parked_json(std::size_t part, const std::string& reason) {
  return "{\"part\":" + std::to_string(part) + ",\"reason\":" + json_string(reason) + "}";
}

template <typename Entries, typename AsJson>
std::string list_json(const Entries& entries, AsJson as_json) {
  std::string json = "[";
  for (const auto& [number, entry] : entries) json += (json.size() > 1 ? "," : "") + as_json(number, entry);
  return json + "]";
}

std::string_view name_of(UploadState state) {
  switch (state) {
    case UploadState::kPending:
      return "pending";
    case UploadState::kApplied:
      return "applied";
    case UploadState::kRefused:
      return "refused";
    case UploadState::kPartly:
      return "partly";
    case UploadState::kParked:
      break;
  }
  return "parked";
}

}  // namespace

UploadState state_of(const KnownUpload& upload) {
  const ParkedParts parked = parked_parts(upload);
  if (!is_settled(upload, parked)) return UploadState::kPending;
  if (!parked.empty()) return has_applied_parts(upload, parked) ? UploadState::kPartly : UploadState::kParked;
  const auto& [principal, parts, records_of, not_applied, more, is_marked] = upload.outcome;
  if (more == 0 && std::none_of(not_applied.begin(), not_applied.end(), is_refused))
    return UploadState::kApplied;
  return is_all_refused(upload.outcome) ? UploadState::kRefused : UploadState::kPartly;
}

std::string upload_json(const KnownUpload& upload) {
  std::string json = "{\"upload\":" + json_string(upload.id) +
                     ",\"state\":" + json_string(name_of(state_of(upload))) +
                     ",\"records\":" + list_json(upload.outcome.not_applied, record_json) +
                     ",\"more\":" + std::to_string(upload.outcome.more);
  const ParkedParts parked = parked_parts(upload);
  if (!parked.empty()) json += ",\"parked\":" + list_json(parked, parked_json);
  return json + "}";
}

}  // namespace comporta
