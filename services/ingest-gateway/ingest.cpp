#include "services/ingest-gateway/ingest.h"

#include <utility>
#include <variant>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/http/problem_response.h"
#include "common/kinds/sent_schema.h"
#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"
#include "services/ingest-gateway/csv_upload.h"
#include "services/ingest-gateway/one_record.h"

namespace comporta::gateway {
namespace {

constexpr std::size_t kMaxKeyCharacters = 255;

/// What is known of the upload beside its records.
Occasion occasion_of(const Intake& intake, std::string_view key) {
  const std::string principal = intake.caller ? intake.caller->principal() : "";
  return {.upload = key.empty() ? new_uuid_v7() : keyed_upload_id(principal, intake.kind->name, key),
          .received = rfc3339(WallClock::now()),
          .address = intake.key,
          .caller = intake.caller ? intake.caller->key : "",
          .by_admin = intake.is_by_admin()};
}

/// Of each account, in an audit's words: who asked for it. Whether it comes to be is told by the upload's
/// outcome.
void log_given_roles(const CheckedAccounts& accounts, const PartHeader& header) {
  for (const std::string& account : accounts.given_roles)
    log_info("roles given", {{"account", name_in_logs(account)},
                             {"by", name_in_logs(header.principal)},
                             {"upload", header.upload},
                             {"trace_id", trace_id(header.traceparent)}});
}

}  // namespace

/// An upload that is being checked: of one thread at a time.
struct Ingest::Job {
  Intake intake;
  HttpRequest request;
  Responder responder;
  std::string traceparent;
  const Rules& rules;
  Place place = {};
  Occasion occasion = {};
  std::string body = {};
  CheckedUpload checked = {};
  CheckedAccounts accounts = {};
  std::string digest = {};

  std::string_view key() const { return request.header("idempotency-key"); }
  CsvPlaces csv = {};                       ///< of a table's records
  std::unique_ptr<UploadTrace> trace = {};  ///< null: it is not sampled

  void begin_trace(SpanSink& spans) {
    const TracedRoute route{intake.route(), intake.kind->name};
    trace = std::make_unique<UploadTrace>(spans, traceparent, request, route, responder);
  }
};

Ingest::Ingest(const IngestSettings& settings, const KindSet& kinds, UploadQueue& queue,
               IdempotencyMemory& memory, Metrics& metrics, SpanSink* spans)
    : settings_(settings),
      queue_(queue),
      memory_(memory),
      spans_(spans),
      received_(metrics.counter("comporta_uploads_received_total", "Uploads received")),
      rejected_(metrics.counter("comporta_uploads_rejected_total", "Uploads refused as they are")),
      hash_pool_("hash", settings.passwords.hash_threads, settings.passwords.hash_queue),
      pool_("check", settings.check_threads, settings.check_queue) {
  if (!settings.passwords.secret.empty()) hasher_.emplace(settings.passwords.secret);
  for (const auto& [name, kind] : kinds.all()) rules_.emplace(name, rules_of(kind));
}

Ingest::Rules Ingest::rules_of(const Kind& kind) const {
  std::vector<std::string> faults;
  const std::shared_ptr<const RecordSchema> whole = RecordSchema::compile(kind.schema, kind.name, faults);
  check(whole != nullptr, "a loaded kind has a schema that compiles");
  Rules rules{.schema = sent_schema(whole, kind, true),
              .guest_schema = sent_schema(whole, kind, false),
              .key_schema = whole->of_member_alone(kind.key),
              .columns = csv_columns_of(kind, *whole),
              .forms = Transforms(kind.forms),
              .transforms = Transforms(kind.transforms, settings_.hash_secret),
              .accounts = {},
              .stamps = Stamps(kind)};
  if (kind.account.is_one()) {
    check(hasher_.has_value(), "there is a secret where there are accounts");
    rules.accounts.emplace(kind, *hasher_, settings_.passwords.rules, settings_.limits.max_faults);
  }
  return rules;
}

void Ingest::receive(Intake intake, HttpRequest request, Responder responder) {
  received_.add();
  const bool is_known = intake.caller.has_value();
  const Sampling sampling = spans_ ? sampling_of(request, is_known, settings_.sampling) : Sampling();
  std::string traceparent = continue_trace(request.header("traceparent"), sampling);
  const Rules& rules = rules_.at(intake.kind->name);
  const auto job = std::make_shared<Job>(
      Job{std::move(intake), std::move(request), std::move(responder), std::move(traceparent), rules});
  if (spans_ != nullptr && is_sampled(job->traceparent)) job->begin_trace(*spans_);
  const std::string reason = job->intake.dry_run ? "" : queue_.refusal();
  if (!reason.empty()) return refuse(*job, unavailable(reason));
  std::optional<Place> place = queue_.place(job->request.body.capacity());
  if (!place) return refuse(*job, unavailable(kNoPlace));
  job->place = std::move(*place);
  const bool may_grow = is_encoded(job->request) || is_csv(job->request);
  if (job->request.body.size() <= settings_.inline_bytes && !may_grow) return process(job);
  if (!pool_.submit([this, job] { process(job); })) {
    refuse(*job, unavailable("too many large uploads are being checked; try again shortly"));
  }
}

void Ingest::process(const std::shared_ptr<Job>& job) {
  if (job->responder.expired()) return;
  if (const auto problem = check_records(*job)) return refuse(*job, *problem);
  if (job->accounts.passwords.empty()) return finish(*job);
  if (job->intake.dry_run) {
    job->rules.accounts->pretend_to_hash(job->accounts);
    return finish(*job);
  }
  if (!hash_pool_.submit([this, job] { hash(*job); }))
    refuse(*job, unavailable("too many passwords are being set; try again shortly"));
}

std::optional<Problem> Ingest::check_records(Job& job) const {
  if (job.key().size() > kMaxKeyCharacters) {
    return Problem{.status = 400,
                   .title = "Bad Idempotency-Key",
                   .detail = "an Idempotency-Key has at most 255 characters"};
  }
  auto taken = body_of(job);
  if (auto* problem = std::get_if<Problem>(&taken)) return std::move(*problem);
  auto& [json, format, csv] = std::get<UploadBody>(taken);
  const Intake& intake = job.intake;
  const Rules& rules = job.rules;
  const std::size_t times = rules.forms.may_lengthen() ? 4 : 2;
  if (!rules.forms.empty() && !job.place.bytes.try_hold(times * json.capacity()))
    return unavailable(kNoPlace);
  if (auto problem = bring_into_form(rules.forms, json, format, settings_.limits)) return problem;
  auto result = check_upload(json, format, rules.of(intake), settings_.limits);
  if (auto* problem = std::get_if<Problem>(&result)) return std::move(*problem);
  job.body = std::move(json);
  job.checked = std::get<CheckedUpload>(std::move(result));
  if (!intake.key.empty()) {
    const RecordSchema* const of_lone_key = rules.stamps.has_key() ? rules.key_schema.get() : nullptr;
    if (auto problem = unless_the_one(*intake.kind, intake.key, job.body, job.checked, of_lone_key))
      return problem;
  }
  job.occasion = occasion_of(intake, job.key());
  if (!job.rules.transforms.empty()) {
    if (!job.place.bytes.try_hold(2 * job.body.capacity())) return unavailable(kNoPlace);
    job.rules.transforms.apply(job.body, job.checked);
  }
  return job.rules.accounts && !intake.is_delete ? check_accounts(job) : std::nullopt;
}

std::optional<Problem> Ingest::check_accounts(Job& job) const {
  const auto may_be_change = [&intake = job.intake](std::string_view key) {
    return intake.change == Permission::kYes ||
           (intake.change == Permission::kIfOwner && intake.is_own_account(key));
  };
  auto result = job.rules.accounts->check(job.body, job.checked, job.occasion, may_be_change);
  if (auto* problem = std::get_if<Problem>(&result)) return std::move(*problem);
  job.accounts = std::get<CheckedAccounts>(std::move(result));
  return std::nullopt;
}

/// What came, or what stands for the record that is taken away.
std::variant<UploadBody, Problem> Ingest::body_of(Job& job) const {
  if (!job.intake.is_delete) {
    const auto may_hold = [&](std::size_t bytes) { return job.place.bytes.try_hold(bytes); };
    auto body = decode_upload(job.request, settings_.max_body_bytes, may_hold);
    if (auto* upload = std::get_if<UploadBody>(&body)) {
      const CsvLimits limits{settings_.limits, settings_.max_body_bytes, may_hold};
      const CsvColumns& columns = rules_.at(job.intake.kind->name).columns;
      if (auto problem = read_csv(*upload, job.csv, columns, limits)) return std::move(*problem);
    }
    return body;
  }
  if (!job.request.body.empty())
    return Problem{.status = 400, .title = "Unexpected body", .detail = "a DELETE has no body"};
  return UploadBody{tombstone(*job.intake.kind, job.intake.key), UploadFormat::kJson};
}

void Ingest::hash(Job& job) {
  for (NewPassword& password : job.accounts.passwords) {
    if (job.responder.expired()) return;
    try {
      job.rules.accounts->hash(password);
    } catch (const TransientError& error) {
      return refuse(job, unavailable(error.what()));
    }
  }
  finish(job);
}

void Ingest::finish(Job& job) {
  if (const auto problem = fill_in(job)) return refuse(job, *problem);
  enqueue(job);
}

/// Names and passwords become what is kept of them; then the digest is taken, so that it is the same when the
/// upload comes again; then the stamps are put in.
std::optional<Problem> Ingest::fill_in(Job& job) const {
  const bool is_set = !job.intake.is_delete;
  const Rules& rules = job.rules;
  const std::size_t stamps = job.checked.records.size() * rules.stamps.growth(job.occasion);
  const bool rewrites = is_set && (rules.accounts || !rules.stamps.empty());
  if (rewrites && !job.place.bytes.try_hold(2 * job.body.capacity() + 2 * job.accounts.growth + stamps))
    return unavailable(kNoPlace);
  if (is_set && rules.accounts) rules.accounts->rewrite(job.body, job.checked, job.accounts);
  if (is_set && !job.intake.key.empty()) rules.stamps.set_key(job.body, job.checked, job.intake.key);
  if (!job.key().empty()) {
    const std::string_view action = is_set ? "" : kDeleteAction;
    job.digest = to_hex(sha256_of_pieces({job.intake.kind->name, action, job.body}));
  }
  if (is_set && !rules.stamps.empty()) rules.stamps.apply(job.body, job.checked, job.occasion);
  if (rewrites && !fit_into_parts(job.checked.records)) {
    return Problem{.status = 413,
                   .type = "urn:comporta:problem:too-large",
                   .title = "The upload is too large",
                   .detail = "With what is filled in, a record would be too large."};
  }
  return std::nullopt;
}

void Ingest::enqueue(Job& job) {
  auto upload = std::make_shared<Upload>();
  upload->kind = job.intake.kind;
  upload->body = std::move(job.body);
  upload->records = std::move(job.checked.records);
  upload->path = job.request.path;
  upload->answer = job.intake.answer();
  upload->parts = cut_into_parts(upload->records);
  PartHeader& header = upload->header;
  header.upload = std::move(job.occasion.upload);
  header.parts = upload->parts.size();
  header.received = std::move(job.occasion.received);
  header.traceparent = job.traceparent;
  header.digest = std::move(job.digest);
  if (job.intake.caller) {
    header.principal = job.intake.caller->principal();
    header.roles = job.intake.caller->roles;
  }
  if (job.intake.is_delete) header.action = kDeleteAction;
  if (job.trace) job.trace->checked(&header, upload->records.size());
  if (!job.place.bytes.try_hold(upload->bytes())) return refuse(job, unavailable(kNoPlace));
  if (job.intake.dry_run) return job.responder.send({.body = forecast(*upload, job.csv)});
  upload->place = std::move(job.place);
  if (!job.key().empty() && answer_from_memory(job, *upload)) return;
  log_debug("upload checked", {{"upload", header.upload},
                               {"trace_id", trace_id(job.traceparent)},
                               {"kind", job.intake.kind->name},
                               {"records", upload->records.size()}});
  log_given_roles(job.accounts, header);
  upload->responder = std::move(job.responder);
  upload->trace = std::move(job.trace);
  queue_.submit(std::move(upload));
}

bool Ingest::answer_from_memory(Job& job, const Upload& upload) {
  const auto remembered = memory_.ask(upload.header.upload, upload.header.digest);
  switch (remembered.verdict) {
    case IdempotencyMemory::Verdict::kNew:
      return false;
    case IdempotencyMemory::Verdict::kConfirmed:
      job.responder.send({.status = 202, .body = remembered.receipt});
      return true;
    case IdempotencyMemory::Verdict::kConflict:
      break;
  }
  refuse(job,
         {.status = 409,
          .type = "urn:comporta:problem:key-reused",
          .title = "Idempotency-Key used before",
          .detail =
              "this Idempotency-Key came with another upload of this kind before; use a new key for each"});
  return true;
}

void Ingest::refuse(Job& job, Problem problem) {
  rejected_.add();
  if (job.trace) job.trace->checked(nullptr, 0);
  // What a notice became is nothing that its sender has sent.
  if (job.intake.hook != nullptr && problem.status == 422) problem.status = 400;
  if (!job.csv.lines.empty()) tell_places(problem, job.csv, rules_.at(job.intake.kind->name).columns);
  log_debug("upload refused", {{"status", problem.status}, {"trace_id", trace_id(job.traceparent)}});
  job.responder.send(problem_response(problem, job.request.path, trace_id(job.traceparent)));
}

}  // namespace comporta::gateway
