#pragma once
// A view store in memory that works like the real one, and can be told to fail.

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "services/cache/apply/view_store.h"

namespace comporta {

class MemoryViewStore : public ViewStore {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point kForEver = Clock::time_point::max();

  explicit MemoryViewStore(std::size_t applied_batches = 100'000) : applied_batches_(applied_batches) {}

  /// The n-th step from now on fails, once; apply() has three: before it looks, before it writes, and
  /// after it has written (the answer is lost).
  void fail_at(int n) { steps_until_failure_ = n; }
  bool failed() const { return steps_until_failure_ == 0; }
  void set_away(bool away) { away_ = away; }

  std::vector<PartResult> apply_while(const Group& group, const NextGroup& next) override {
    step();
    ++apply_calls;
    const Group* const following = next ? next() : nullptr;
    if (following != nullptr) offered_batches.push_back(following->batches.size());
    Decision decision = decide(group, recall(group));
    step();
    for (const Batch& batch : group.batches) fail_parts(group, batch, decision);
    write(group, decision);
    step();
    return decision.parts;
  }

  std::optional<FoundRecord> find_record(std::string_view kind, std::string_view key) override {
    step();
    const auto found = records.find(std::string(kind) + ":" + std::string(key));
    if (found == records.end() || found->second.until <= Clock::now()) return std::nullopt;
    FoundRecord record{found->second.value, std::nullopt, found->second.arrival_ms};
    if (found->second.until != kForEver)
      record.remaining = std::chrono::ceil<std::chrono::milliseconds>(found->second.until - Clock::now());
    return record;
  }

  std::optional<AppliedBatch> find_batch(std::string_view id) override {
    step();
    const auto found = applied.find(id);
    return found == applied.end() ? std::nullopt : std::optional(found->second);
  }

  std::vector<bool> are_applied(const std::vector<std::string>& batches) override {
    step();
    std::vector<bool> known;
    for (const std::string& batch : batches) known.push_back(applied.contains(batch));
    return known;
  }

  UploadOutcome find_upload(std::string_view id) override {
    step();
    const auto found = outcomes.find(id);
    return found == outcomes.end() ? UploadOutcome{} : found->second;
  }

  ViewAnswer query(const ViewQuery& query) override {
    step();
    const std::string question = query.kind.name + "/" + query.name + " " + query.arguments;
    const auto found = answers.find(question);
    return found == answers.end() ? ViewAnswer{ViewAnswer::Outcome::kMissing, {}} : found->second;
  }

  void go_on() override {
    step();
    if (left_to_do > 0) --left_to_do;
  }
  bool has_more() const override { return left_to_do > 0; }

  struct Entry {
    std::string value;
    Clock::time_point until;
    int writes = 0;
    std::optional<std::int64_t> arrival_ms = {};
  };
  std::map<std::string, Entry> records;  ///< by `<kind>:<key>`
  std::map<std::string, AppliedBatch, std::less<>> applied;
  std::map<std::string, UploadOutcome, std::less<>> outcomes;  ///< by upload
  std::map<std::string, ViewAnswer> answers;                   ///< by `<kind>/<view> <arguments>`
  std::string failing_key;                                     ///< a part with such a record fails
  int left_to_do = 0;                                          ///< how often go_on() has something to do
  int apply_calls = 0;
  std::vector<std::size_t> offered_batches;  ///< of each group that was said to be the next

 private:
  void step() {
    if (away_) throw TransientError("away");
    if (steps_until_failure_ > 0 && --steps_until_failure_ == 0) throw TransientError("told to fail");
  }

  Remembered recall(const Group& group) const {
    Remembered remembered;
    for (const Batch& batch : group.batches)
      remembered.batches.push_back(applied.contains(group.at(batch.id)));
    for (const Part& part : group.parts) {
      const auto found = marks_.find(group.at(part.mark));
      const bool known = part.digest.size > 0 && found != marks_.end();
      remembered.digests.push_back(known ? found->second : "");
    }
    for (const Batch& batch : group.batches)
      for (const Part& part : group.parts_of(batch)) {
        const auto found = failures_.find(failure_key(group, batch, part));
        remembered.failures.push_back(found == failures_.end() ? "" : found->second);
      }
    return remembered;
  }

  static std::string failure_key(const Group& group, const Batch& batch, const Part& part) {
    return std::string(group.at(batch.id)) + " " + std::string(group.at(part.mark));
  }

  void fail_parts(const Group& group, const Batch& batch, Decision& decision) {
    for (std::size_t p = batch.first_part; p < batch.first_part + batch.part_count; ++p) {
      if (decision.parts[p].outcome != PartOutcome::kApplied) continue;
      for (const Record& record : group.records_of(group.parts[p]))
        if (group.at(record.key) == failing_key)
          decision.parts[p] = {PartOutcome::kFailed, "views: told to fail"};
      if (decision.parts[p].outcome == PartOutcome::kFailed)
        failures_[failure_key(group, batch, group.parts[p])] = decision.parts[p].reason;
    }
  }

  void write(const Group& group, const Decision& decision) {
    for (std::size_t i = 0; i < group.parts.size(); ++i)
      if (decision.parts[i].outcome == PartOutcome::kApplied) write_part(group, group.parts[i]);
    for (const std::size_t b : decision.new_batches) {
      const BatchCounts counts = count_applied(group, group.batches[b], decision);
      order_.emplace_back(group.at(group.batches[b].id));
      applied[order_.back()] = {"2026-11-22T14:03:05.123Z", counts.parts, counts.records,
                                parked_of(group, group.batches[b], decision)};
    }
    while (order_.size() > applied_batches_) {
      applied.erase(order_.front());
      order_.pop_front();
    }
  }

  static std::vector<ParkedPart> parked_of(const Group& group, const Batch& batch, const Decision& decision) {
    std::vector<ParkedPart> parked;
    for (const UnfitLine& line : batch.unfit)
      parked.push_back(parked_part(group.at(line.mark), group.at(line.reason)));
    for (std::size_t p = batch.first_part; p < batch.first_part + batch.part_count; ++p) {
      const PartResult& result = decision.parts[p];
      if (result.outcome == PartOutcome::kConflict)
        parked.push_back(parked_part(group.at(group.parts[p].mark), kConflictReason));
      if (result.outcome == PartOutcome::kFailed)
        parked.push_back(parked_part(group.at(group.parts[p].mark), result.reason));
    }
    return parked;
  }

  static ParkedPart parked_part(std::string_view mark, std::string_view reason) {
    if (mark.empty()) return {{}, 0, std::string(reason)};
    const std::size_t colon = mark.find(':');
    return {std::string(mark.substr(0, colon)), std::stoul(std::string(mark.substr(colon + 1))),
            std::string(reason)};
  }

  void write_part(const Group& group, const Part& part) {
    const auto left = time_left(part, WallClock::now());
    for (const Record& record : group.records_of(part)) {
      const std::string key = part.kind->name + ":" + std::string(group.at(record.key));
      if (part.deletes) {
        records.erase(key);
        continue;
      }
      if (left && left->count() <= 0) continue;
      Entry& entry = records[key];
      entry = {std::string(group.at(record.value)), left ? Clock::now() + *left : kForEver, entry.writes + 1};
    }
    if (part.digest.size > 0) marks_[std::string(group.at(part.mark))] = group.at(part.digest);
  }

  std::size_t applied_batches_;
  int steps_until_failure_ = -1;
  bool away_ = false;
  std::deque<std::string> order_;
  std::map<std::string, std::string, std::less<>> marks_;
  std::map<std::string, std::string> failures_;  ///< by `<batch> <mark>`
};

}  // namespace comporta
