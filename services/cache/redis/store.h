#pragma once
// The views in Redis, and how a group gets there exactly once: docs/decisions/003-applied-marks.md and
// 017-views-in-the-daemon.md. The names of the keys: apply/key_names.h.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "services/cache/apply/view_store.h"
#include "services/cache/redis/applied_entry.h"
#include "services/cache/redis/connection.h"
#include "services/cache/redis/group_writer.h"
#include "services/cache/redis/replicas.h"
#include "services/cache/redis/views.h"

namespace comporta {

struct RedisStoreSettings {
  RedisServer server;
  std::string prefix = "comporta";
  std::size_t applied_batches = 100'000;  ///< remembered, the latest
  std::chrono::seconds upload_mark_ttl{86'400};
  int replicas = 0;  ///< that must have a group before it counts as applied
};

/// Connects at the first call, and again at the first call after a failure, or after the server has closed
/// the connection.
class RedisStore : public ViewStore {
 public:
  using Clock = std::function<WallClock::time_point()>;

  /// `views` are those of the kinds that are applied or asked; made for the settings' prefix.
  /// `budgets`, if it is given, must outlive it.
  explicit RedisStore(RedisStoreSettings settings, ViewLibraries views = {}, Clock clock = WallClock::now,
                      const ViewBudgets* budgets = nullptr);
  ~RedisStore() override;
  RedisStore(const RedisStore&) = delete;
  RedisStore& operator=(const RedisStore&) = delete;

  std::vector<PartResult> apply_while(const Group& group, const NextGroup& next) override;
  std::optional<FoundRecord> find_record(std::string_view kind, std::string_view key) override;
  std::optional<AppliedBatch> find_batch(std::string_view id) override;
  std::vector<bool> are_applied(const std::vector<std::string>& batches) override;
  UploadOutcome find_upload(std::string_view id) override;
  ViewAnswer query(const ViewQuery& query) override;
  void go_on() override;
  bool has_more() const override { return has_more_; }
  void rest() override {
    commands_ = {};
    recent_.clear();
    views_.rest();
  }

 private:
  struct Known;
  /// What a group is recognised by.
  struct Shape {
    std::string first_batch;
    std::size_t batches;
    std::size_t records;
    bool operator==(const Shape&) const = default;
  };

  struct LookUp {
    Shape shape;
    Foreknown foreknown;
    std::string last_batch;  ///< ours, and the last that was applied; empty: whoever's that is
  };

  static Shape shape_of(const Group& group);
  template <typename Work>
  auto with_connection(Work work, const Group* group = nullptr);
  bool try_apply(const Group& group, const NextGroup& next, std::vector<PartResult>& results);
  void add_watch();
  LookUp send_look_up(const Group& group, std::string_view last_batch);
  Known receive_look_up(const Group& group, const LookUp& look_up);
  std::optional<AppliedEntry> read_entry(std::string_view batch);
  bool commit(const Group& group, Decision& decision, const Known& known, const NextGroup& next);
  bool wake();
  void add_evictions(const Known& known, std::size_t new_batches);

  RedisStoreSettings settings_;
  Clock clock_;
  AppliedMemory memory_;
  std::string hold_;
  Replicas replicas_;
  RedisViews views_;
  std::unique_ptr<RedisConnection> connection_;
  RedisCommands commands_;
  std::optional<LookUp> looked_up_;  ///< has been sent, and not yet received
  bool has_more_ = false;            ///< of those who waited some are still to be applied
  /// While one transaction follows the other. The look-up behind each proves that nobody else was in between.
  RecentRecords recent_;
};

/// A connection that failed may have replies under way: never used again. Nor one on which a look-up is under
/// way for another group than the one that the work is about.
template <typename Work>
auto RedisStore::with_connection(Work work, const Group* group) {
  try {
    if (looked_up_ && (group == nullptr || shape_of(*group) != looked_up_->shape)) {
      looked_up_.reset();
      connection_.reset();
    }
    if (connection_ && !looked_up_ && connection_->is_over()) connection_.reset();
    if (!connection_) connection_ = std::make_unique<RedisConnection>(settings_.server);
    commands_.clear();
    return work();
  } catch (...) {
    looked_up_.reset();
    connection_.reset();
    views_.disconnect();
    throw;
  }
}

}  // namespace comporta
