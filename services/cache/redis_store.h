#pragma once
// The views in Redis 7, and how a group gets there exactly once: docs/decisions/003-applied-marks.md.
//
//   <prefix>:record:<kind>:<key>      the record's JSON, with the kind's time to live
//   <prefix>:applied                  hash, batch -> `<applied at>,<parts>,<records>`
//   <prefix>:applied:order            list of those batches, the oldest first
//   <prefix>:upload:<upload>:<part>   the digest of an upload that came with an Idempotency-Key

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "services/cache/redis_connection.h"
#include "services/cache/view_store.h"

namespace comporta {

struct RedisStoreSettings {
  RedisServer server;
  std::string prefix = "comporta";
  std::size_t applied_batches = 100'000;  ///< remembered, the latest
  std::chrono::seconds upload_mark_ttl{86'400};
};

/// Connects at the first call, and again at the first call after a failure.
class RedisStore : public ViewStore {
 public:
  explicit RedisStore(RedisStoreSettings settings);
  ~RedisStore() override;

  std::vector<PartOutcome> apply(const Group& group) override;
  std::optional<FoundRecord> find_record(std::string_view kind, std::string_view key) override;
  std::optional<AppliedBatch> find_batch(std::string_view id) override;
  void ping() override;

 private:
  struct Known;

  template <typename Work>
  auto with_connection(Work work);
  bool try_apply(const Group& group, std::vector<PartOutcome>& outcomes);
  Known look_up(const Group& group);
  void send_look_up(const Group& group, std::size_t keyed_parts);
  bool commit(const Group& group, const Decision& decision, const Known& known);
  void add_records(const Group& group, const Decision& decision);
  void add_part(const Group& group, const Part& part);
  void add_batches(const Group& group, const Decision& decision);
  void add_evictions(const Known& known, std::size_t new_batches);

  RedisStoreSettings settings_;
  std::string applied_;
  std::string order_;
  std::string marks_;  ///< what the marks' keys begin with
  std::unique_ptr<RedisConnection> connection_;
  RedisCommands commands_;
};

}  // namespace comporta
