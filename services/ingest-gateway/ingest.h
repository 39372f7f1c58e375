#pragma once
// The gateway's one job: an upload is decoded, checked as a whole, and handed to the publisher.

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/access/caller.h"
#include "common/access/password.h"
#include "common/base/problem.h"
#include "common/base/worker_pool.h"
#include "common/http/server.h"
#include "common/json/record_schema.h"
#include "common/kinds/kind.h"
#include "common/kinds/transforms.h"
#include "common/telemetry/metrics.h"
#include "common/traces/settings.h"
#include "common/traces/span.h"
#include "services/ingest-gateway/accounts.h"
#include "services/ingest-gateway/idempotency.h"
#include "services/ingest-gateway/stamps.h"
#include "services/ingest-gateway/upload.h"
#include "services/ingest-gateway/upload_body.h"

namespace comporta::gateway {

struct PasswordSettings {
  std::string secret = {};  ///< for kinds of accounts
  PasswordRules rules = {};
  int hash_threads = 1;
  std::size_t hash_queue = 32;  ///< uploads with passwords that may wait
};

struct IngestSettings {
  std::size_t max_body_bytes = std::size_t{33} << 20;  ///< after decompression, too
  UploadLimits limits = {};
  /// Larger bodies are checked by the pool, not an HTTP thread, and so are those of which nobody knows how
  /// large they are: what is encoded, and tables.
  std::size_t inline_bytes = 64 * 1024;
  int check_threads = 1;
  std::size_t check_queue = 64;
  std::size_t remembered_keys = 10'000;
  std::string hash_secret = {};  ///< for kinds that hash members
  PasswordSettings passwords = {};
  TraceSampling sampling = {};
};

/// What a request asks for: an upload of any records, or one record that is set or taken away.
struct Intake {
  const Kind* kind;
  std::string key = {};    ///< of the one record; empty: any records
  bool is_delete = false;  ///< the record is taken away
  bool dry_run = false;    ///< it is checked, and not published
  std::optional<Caller> caller = {};
  Permission change = Permission::kYes;  ///< of records that are there
  const KindHook* hook = nullptr;        ///< through which it came, if it did

  /// Once the broker has it.
  int answer() const { return hook == nullptr ? 202 : hook->answer; }
  /// What its path is one of.
  const char* route() const {
    if (hook != nullptr) return "/api/v1/hooks/{kind}";
    return key.empty() ? "/api/v1/records/{kind}" : "/api/v1/records/{kind}/{key}";
  }

  bool is_by_admin() const { return caller && caller->is_admin(); }
  bool is_own_account(std::string_view record) const {
    return kind->account.is_one() && caller && caller->kind == kind->name && caller->key == record;
  }
};

class Ingest {
 public:
  /// `kinds`, `queue`, `metrics` and `spans` must outlive it. `memory` is shared with whoever tells it of
  /// confirms. `spans` is null where traces are off: then nothing is sampled but what its caller has sampled.
  Ingest(const IngestSettings& settings, const KindSet& kinds, UploadQueue& queue, IdempotencyMemory& memory,
         Metrics& metrics, SpanSink* spans = nullptr);

  /// Takes the upload in, or answers why not, or what would be taken in. Called by HTTP threads; does not
  /// block.
  void receive(Intake intake, HttpRequest request, Responder responder);

 private:
  struct Job;
  /// What is done with the records of one kind.
  struct Rules {
    std::shared_ptr<const RecordSchema> schema;        ///< of what an admin sends
    std::shared_ptr<const RecordSchema> guest_schema;  ///< of what others do
    std::shared_ptr<const RecordSchema> key_schema;    ///< of tombstones
    CsvColumns columns;
    Transforms forms;  ///< in which texts are before the schema looks at them
    Transforms transforms;
    std::optional<Accounts> accounts;
    Stamps stamps;

    const RecordSchema& of(const Intake& intake) const {
      return intake.is_delete ? *key_schema : intake.is_by_admin() ? *schema : *guest_schema;
    }
  };

  Rules rules_of(const Kind& kind) const;
  void process(const std::shared_ptr<Job>& job);
  std::optional<Problem> check_records(Job& job) const;
  std::optional<Problem> check_accounts(Job& job) const;
  std::variant<UploadBody, Problem> body_of(Job& job) const;
  void hash(Job& job);
  void finish(Job& job);
  std::optional<Problem> fill_in(Job& job) const;
  void enqueue(Job& job);
  bool answer_from_memory(Job& job, const Upload& upload);
  void refuse(Job& job, Problem problem);

  const IngestSettings settings_;
  std::optional<PasswordHasher> hasher_;             ///< where a kind has accounts
  std::map<std::string, Rules, std::less<>> rules_;  ///< by kind
  UploadQueue& queue_;
  IdempotencyMemory& memory_;
  SpanSink* const spans_;
  Counter received_;
  Counter rejected_;
  WorkerPool hash_pool_;
  WorkerPool pool_;  ///< last: hands on to the other one
};

}  // namespace comporta::gateway
