#include "services/ingest-gateway/batcher.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "common/base/error.h"
#include "common/base/uuid.h"

namespace comporta::gateway {
namespace {

/// The most that a part's line needs beside its records and the client's name.
constexpr std::size_t kLineBytes = 320;

std::size_t line_bytes(const Upload& upload, std::size_t part) {
  return upload.parts[part].bytes + upload.header.principal.size() + kLineBytes;
}

std::size_t bytes_to_come(const Upload& upload) {
  std::size_t bytes = 0;
  for (std::size_t part = upload.parts_published; part < upload.parts.size(); ++part) {
    bytes += line_bytes(upload, part);
  }
  return bytes;
}

bool fills_a_batch(std::size_t bytes) {
  return bytes >= kMaxBatchBytes;
}

}  // namespace

bool Batch::is_awaited() const {
  return std::ranges::any_of(uploads, [](const auto& upload) { return !upload->responder.expired(); });
}

void Batcher::add(std::shared_ptr<Upload> upload) {
  Lane& lane = lanes_[upload->kind->name];
  lane.bytes += bytes_to_come(*upload);
  auto& queue = upload->parts.size() == 1 ? lane.small : lane.large;
  queue.push_back(std::move(upload));
}

std::optional<Batch> Batcher::next(Clock::time_point now) {
  for (auto lane = choose(now); lane != lanes_.end(); lane = choose(now)) {
    Batch batch = take(lane->first, lane->second);
    if (batch.parts == 0) continue;  // nobody was waiting for it any more
    awaited_ += batch.ended;
    awaited_bytes_ += batch.body.size();
    last_out_ = now;
    ++in_flight_;
    return batch;
  }
  return std::nullopt;
}

void Batcher::landed() {
  check(in_flight_ > 0, "what lands was in flight");
  if (--in_flight_ > 0) return;
  awaited_ += waiting();
  awaited_bytes_ += waiting_bytes();
}

std::optional<Batcher::Clock::time_point> Batcher::due() const {
  if (in_flight_ > 0 || empty()) return std::nullopt;
  return gap_end();
}

bool Batcher::empty() const {
  return waiting_bytes() == 0;
}

std::vector<std::shared_ptr<Upload>> Batcher::take_all() {
  std::vector<std::shared_ptr<Upload>> uploads;
  for (auto& [kind, lane] : lanes_) {
    std::ranges::move(lane.small, std::back_inserter(uploads));
    std::ranges::move(lane.large, std::back_inserter(uploads));
  }
  lanes_.clear();
  return uploads;
}

/// Uploads, not parts.
std::size_t Batcher::waiting() const {
  std::size_t count = 0;
  for (const auto& [kind, lane] : lanes_) count += lane.small.size() + lane.large.size();
  return count;
}

std::size_t Batcher::waiting_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [kind, lane] : lanes_) bytes += lane.bytes;
  return bytes;
}

Batcher::Clock::time_point Batcher::gap_end() const {
  if (awaited_ <= 1) return last_out_;
  const auto busy = settings_.gap_per_upload * static_cast<std::int64_t>(awaited_) +
                    settings_.gap_per_mebibyte * static_cast<std::int64_t>(awaited_bytes_) / (1 << 20);
  const auto slow = slowness_ * std::min(busy, settings_.longest_gap);
  return last_out_ + std::min(std::chrono::duration_cast<std::chrono::microseconds>(slow), settings_.max_gap);
}

Batcher::Lanes::iterator Batcher::choose(Clock::time_point now) {
  if (in_flight_ == 0 && !empty() && (now >= gap_end() || waiting() >= awaited_)) {
    awaited_ = awaited_bytes_ = 0;  // every kind that waits goes out, side by side
    for (auto& [kind, lane] : lanes_) lane.turn = lane.bytes > 0;
  }
  const auto chosen = std::ranges::find_if(lanes_, [this](const auto& entry) {
    const Lane& lane = entry.second;
    const bool full = fills_a_batch(lane.bytes) && in_flight_ < settings_.max_in_flight;
    return lane.bytes > 0 && (lane.turn || full);
  });
  if (chosen != lanes_.end()) chosen->second.turn = false;
  return chosen;
}

Batch Batcher::take(const std::string& kind, Lane& lane) {
  Batch batch{.id = ids_.next(), .kind = kind, .body = {}, .uploads = {}};
  batch.body.reserve(std::min(lane.bytes, kMaxBatchBytes));
  take_small(lane, batch, lane.large.empty() ? kMaxBatchBytes : kMaxBatchBytes / 2);
  take_large(lane, batch);
  take_small(lane, batch, kMaxBatchBytes);
  return batch;
}

void Batcher::take_small(Lane& lane, Batch& batch, std::size_t limit) {
  while (!lane.small.empty() && take_part(lane, batch, lane.small.front(), limit)) lane.small.pop_front();
}

/// One part of each large upload in turn, until the batch is full.
void Batcher::take_large(Lane& lane, Batch& batch) {
  while (!lane.large.empty() && take_part(lane, batch, lane.large.front(), kMaxBatchBytes)) {
    auto upload = std::move(lane.large.front());
    lane.large.pop_front();
    if (upload->parts_published < upload->parts.size()) lane.large.push_back(std::move(upload));
  }
}

/// Adds the upload's next part, or drops an upload that nobody waits for. False: it does not fit.
bool Batcher::take_part(Lane& lane, Batch& batch, const std::shared_ptr<Upload>& upload, std::size_t limit) {
  if (upload->responder.expired()) {
    lane.bytes -= bytes_to_come(*upload);
    upload->parts_published = upload->parts.size();
    return true;
  }
  const std::size_t part = upload->parts_published;
  const std::size_t bytes = line_bytes(*upload, part);
  if (batch.parts > 0 && batch.body.size() + bytes > limit) return false;
  upload->append_part(batch.body, part);
  ++upload->parts_published;
  if (upload->batches.empty() || upload->batches.back() != batch.id) upload->batches.push_back(batch.id);
  lane.bytes -= bytes;
  if (upload->parts_published == upload->parts.size()) ++batch.ended;
  ++batch.parts;
  batch.records += upload->parts[part].count;
  batch.is_traced |= upload->trace != nullptr;
  batch.uploads.push_back(upload);
  return true;
}

}  // namespace comporta::gateway
