#include "services/ingest-gateway/ingest.h"

#include <utility>
#include <variant>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/http/problem_response.h"
#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"
#include "services/ingest-gateway/one_record.h"

namespace comporta::gateway {
namespace {

constexpr std::size_t kMaxKeyCharacters = 255;

/// The same for the same client, kind and key, whenever and wherever it comes; another one for every other.
/// Its time is the key's own, or zero. A UUID may be sent in upper case and come back in lower case.
std::string keyed_upload_id(std::string_view principal, std::string_view kind, std::string_view sent) {
  const std::string key = canonical_uuid(sent).value_or(std::string(sent));
  const Sha256 hash = sha256_of_pieces({principal, kind, key});
  const auto time = uuid_v7_time(key).value_or(WallClock::time_point{});
  return uuid_v7_from(time, std::span<const std::uint8_t, 16>(hash.data(), 16));
}

/// Gives the upload its id, and a digest when the client may send it again. The digest is of what is
/// published, not of what came: nothing that a transform took out can be guessed from it.
void identify(Upload& upload, std::string_view key) {
  if (key.empty()) {
    upload.header.upload = new_uuid_v7();
    return;
  }
  const std::string& kind = upload.kind->name;
  upload.header.digest = to_hex(sha256_of_pieces({kind, upload.header.action, upload.body}));
  upload.header.upload = keyed_upload_id(upload.header.principal, kind, key);
}

}  // namespace

struct Ingest::Job {
  Intake intake;
  HttpRequest request;
  Responder responder;
  std::string traceparent;
  Place place = {};
};

Ingest::Ingest(const IngestSettings& settings, const KindSet& kinds, UploadQueue& queue,
               IdempotencyMemory& memory, Metrics& metrics)
    : settings_(settings),
      queue_(queue),
      memory_(memory),
      received_(metrics.counter("comporta_uploads_received_total", "Uploads received")),
      rejected_(metrics.counter("comporta_uploads_rejected_total", "Uploads refused as they are")),
      pool_("check", settings.check_threads, settings.check_queue) {
  for (const auto& [name, kind] : kinds.all()) {
    std::vector<std::string> faults;
    const auto schema = RecordSchema::compile(kind.schema, name, faults);
    check(schema != nullptr, "a loaded kind has a schema that compiles");
    rules_.emplace(name, Rules{schema, schema->of_member_alone(kind.key),
                               Transforms(kind.transforms, settings.hash_secret)});
  }
}

void Ingest::receive(Intake intake, HttpRequest request, Responder responder) {
  received_.add();
  std::string trace = continue_trace(request.header("traceparent"));
  const auto job = std::make_shared<Job>(
      Job{std::move(intake), std::move(request), std::move(responder), std::move(trace)});
  const std::string reason = job->intake.dry_run ? "" : queue_.refusal();
  if (!reason.empty()) return refuse(*job, unavailable(reason));
  std::optional<Place> place = queue_.place(job->request.body.capacity());
  if (!place) return refuse(*job, unavailable(kNoPlace));
  job->place = std::move(*place);
  if (job->request.body.size() <= settings_.inline_bytes && !is_encoded(job->request)) return process(*job);
  if (!pool_.submit([this, job] { process(*job); })) {
    refuse(*job, unavailable("too many large uploads are being checked; try again shortly"));
  }
}

void Ingest::process(Job& job) {
  if (job.responder.expired()) return;
  auto taken = body_of(job);
  if (const auto* problem = std::get_if<Problem>(&taken)) return refuse(job, *problem);
  auto& [json, format] = std::get<UploadBody>(taken);
  const Intake& intake = job.intake;
  const Rules& rules = rules_.at(intake.kind->name);
  const RecordSchema& schema = intake.is_delete ? *rules.key_schema : *rules.schema;
  auto result = check_upload(json, format, schema, settings_.limits);
  if (const auto* problem = std::get_if<Problem>(&result)) return refuse(job, *problem);
  auto& checked = std::get<CheckedUpload>(result);
  if (!intake.key.empty()) {
    if (const auto problem = unless_the_one(*intake.kind, intake.key, json, checked))
      return refuse(job, *problem);
  }
  if (!apply_transforms(rules, job, json, checked)) return refuse(job, unavailable(kNoPlace));
  enqueue(job, std::move(json), std::move(checked));
}

/// What came, or what stands for the record that is taken away.
std::variant<UploadBody, Problem> Ingest::body_of(Job& job) const {
  if (!job.intake.is_delete) {
    return decode_upload(job.request, settings_.max_body_bytes,
                         [&](std::size_t bytes) { return job.place.bytes.try_hold(bytes); });
  }
  if (!job.request.body.empty())
    return Problem{.status = 400, .title = "Unexpected body", .detail = "a DELETE has no body"};
  return UploadBody{tombstone(*job.intake.kind, job.intake.key), UploadFormat::kJson};
}

/// False where there is no room for what comes out beside what goes in.
bool Ingest::apply_transforms(const Rules& rules, Job& job, std::string& body, CheckedUpload& checked) {
  if (rules.transforms.empty()) return true;
  if (!job.place.bytes.try_hold(2 * body.capacity())) return false;
  rules.transforms.apply(body, checked);
  return true;
}

void Ingest::enqueue(Job& job, std::string body, CheckedUpload checked) {
  const std::string_view key = job.request.header("idempotency-key");
  if (key.size() > kMaxKeyCharacters) {
    return refuse(job, {.status = 400,
                        .title = "Bad Idempotency-Key",
                        .detail = "an Idempotency-Key has at most 255 characters"});
  }
  auto upload = std::make_shared<Upload>();
  upload->kind = job.intake.kind;
  upload->body = std::move(body);
  upload->records = std::move(checked.records);
  upload->path = job.request.path;
  upload->parts = cut_into_parts(upload->records);
  upload->header.parts = upload->parts.size();
  upload->header.received = rfc3339(WallClock::now());
  upload->header.traceparent = job.traceparent;
  if (!job.place.bytes.try_hold(upload->bytes())) return refuse(job, unavailable(kNoPlace));
  if (job.intake.dry_run) return job.responder.send({.body = forecast(*upload)});
  upload->place = std::move(job.place);
  if (job.intake.is_delete) upload->header.action = kDeleteAction;
  identify(*upload, key);
  if (!key.empty() && answer_from_memory(job, *upload)) return;
  log_debug("upload checked", {{"upload", upload->header.upload},
                               {"trace", trace_id(job.traceparent)},
                               {"kind", job.intake.kind->name},
                               {"records", upload->records.size()}});
  upload->responder = std::move(job.responder);
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

void Ingest::refuse(Job& job, const Problem& problem) {
  rejected_.add();
  log_debug("upload refused", {{"status", problem.status}, {"trace", trace_id(job.traceparent)}});
  job.responder.send(problem_response(problem, job.request.path, trace_id(job.traceparent)));
}

}  // namespace comporta::gateway
