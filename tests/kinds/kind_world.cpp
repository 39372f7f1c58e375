#include "tests/kinds/kind_world.h"

#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/json/record_schema.h"
#include "common/kinds/sent_schema.h"
#include "common/kinds/transforms.h"
#include "services/cache/apply/part_line.h"
#include "services/cache/views/library.h"
#include "services/ingest-gateway/accounts.h"
#include "services/ingest-gateway/stamps.h"

namespace comporta {
namespace {

std::string describe(const Problem& problem) {
  std::string out = std::to_string(problem.status) + " " + problem.detail;
  for (const RecordFault& fault : problem.errors)
    out += "; record " + std::to_string(fault.index) + " " + fault.pointer + ": " + fault.detail;
  return out;
}

PartHeader header_of(const KindWorld::Asker& sender, std::string upload, Moment at) {
  PartHeader header;
  header.upload = std::move(upload);
  header.received = rfc3339(at);
  if (sender) header.principal = sender->principal();
  if (sender) header.roles = sender->roles;
  return header;
}

}  // namespace

KindWorld::KindWorld(const KindSet& kinds, const RedisStoreSettings& settings)
    : kinds_(kinds),
      store_(settings, make_view_libraries(kinds, settings.prefix), [this] { return now_; }),
      outbox_(settings.server, settings.prefix, std::chrono::seconds(1)) {
  for (const auto& [name, kind] : kinds.all())
    for (const auto& [reaction, declared] : kind.reactions)
      declared_.push_back(set_up(name, reaction, declared, {}));
  store_.go_on();
}

/// The same in each run, so that examples may name links.
std::string KindWorld::next_id(Moment at) {
  std::array<std::uint8_t, 16> bytes{};
  bytes[14] = static_cast<std::uint8_t>(++ids_ >> 8);
  bytes[15] = static_cast<std::uint8_t>(ids_);
  return uuid_v7_from(at, bytes);
}

/// As the gateway does it, without Idempotency-Key.
std::variant<gateway::Upload, Problem> KindWorld::take_in(const Kind& kind, std::string body,
                                                          const Asker& sender, Moment at) {
  std::vector<std::string> faults;
  const std::shared_ptr<const RecordSchema> whole = RecordSchema::compile(kind.schema, kind.name, faults);
  UploadFormat format = UploadFormat::kJson;
  if (const auto problem = bring_into_form(Transforms(kind.forms), body, format, UploadLimits{}))
    return *problem;
  auto result = check_upload(body, format, *sent_schema(whole, kind, true), UploadLimits{});
  if (const auto* problem = std::get_if<Problem>(&result)) return *problem;
  auto checked = std::move(std::get<CheckedUpload>(result));
  const Transforms transforms(kind.transforms, "secret of the examples");
  if (!transforms.empty()) transforms.apply(body, checked);
  gateway::Upload upload;
  upload.kind = &kind;
  upload.header = header_of(sender, next_id(at), at);
  const gateway::Occasion occasion{.upload = upload.header.upload,
                                   .received = upload.header.received,
                                   .address = {},
                                   .caller = sender ? sender->key : "",
                                   .by_admin = true};
  if (kind.account.is_one()) {
    const gateway::Accounts accounts(kind, hasher_, PasswordRules{}, 1);
    auto passwords = accounts.check(body, checked, occasion, [](std::string_view) { return true; });
    if (const auto* problem = std::get_if<Problem>(&passwords)) return *problem;
    auto& hashed = std::get<gateway::CheckedAccounts>(passwords);
    for (gateway::NewPassword& password : hashed.passwords) accounts.hash(password);
    accounts.rewrite(body, checked, hashed);
  }
  const gateway::Stamps stamps(kind);
  if (!stamps.empty()) stamps.apply(body, checked, occasion);
  upload.body = std::move(body);
  upload.records = std::move(checked.records);
  upload.parts = gateway::cut_into_parts(upload.records);
  upload.header.parts = upload.parts.size();
  return upload;
}

std::string KindWorld::upload(const Kind& kind, std::string records, const Asker& sender, Moment at) {
  auto taken = take_in(kind, std::move(records), sender, at);
  if (const auto* problem = std::get_if<Problem>(&taken)) return describe(*problem);
  auto& upload = std::get<gateway::Upload>(taken);
  last_upload_ = upload.header.upload;
  reactions_before_ = all_reactions();
  for (std::size_t index = 0; index < upload.parts.size(); ++index) {
    std::string line;
    upload.append_part(line, index);
    if (std::string fault = apply(kind, line, at); !fault.empty()) return fault;
  }
  return {};
}

std::string KindWorld::remove(const Kind& kind, std::string_view key, const Asker& sender, Moment at) {
  std::string line;
  PartHeader header = header_of(sender, next_id(at), at);
  header.action = kDeleteAction;
  last_upload_ = header.upload;
  reactions_before_ = all_reactions();
  append_part_line(line, header,
                   "{" + json_string(kind.key) + ":" + json_string(key_in_form(kind, key)) + "}");
  return apply(kind, line, at);
}

std::string KindWorld::outcome() {
  std::string members;
  for (const auto& [index, record] : store_.find_upload(last_upload_).not_applied)
    members += (members.empty() ? "" : ",") + json_string(record.key) + ":" + json_string(record.reason);
  return "{" + members + "}";
}

std::map<std::string, std::string> KindWorld::all_reactions() {
  std::map<std::string, std::string> all;
  for (const Reaction& reaction : declared_) {
    const std::vector<std::string> ids = outbox_.look({&reaction}).front().ids;
    const auto waiting = outbox_.read(reaction, ids);
    for (std::size_t i = 0; i < ids.size(); ++i)
      all[ids[i]] = "{\"name\":" + json_string(reaction.name) + ",\"with\":" + waiting[i]->with + "}";
  }
  return all;
}

std::string KindWorld::reactions() {
  std::string list;
  for (const auto& [id, json] : all_reactions())
    if (!reactions_before_.contains(id)) list += (list.empty() ? "" : ",") + json;
  return "[" + list + "]";
}

std::string KindWorld::apply(const Kind& kind, std::string_view line, Moment at) {
  now_ = at;
  Group group;
  group.add_batch(next_id(at));
  PartReader reader(kind);
  if (const auto fault = reader.read(line.substr(0, line.size() - 1), group)) return *fault;
  const PartResult result = store_.apply(group).front();
  while (store_.has_more()) store_.go_on();
  return result.outcome == PartOutcome::kApplied ? "" : "not applied: " + result.reason;
}

HttpResponse KindWorld::get(const std::string& path, const std::map<std::string, std::string>& parameters,
                            const Asker& asker, Moment now) {
  HttpApi api(kinds_, keeper_, store_, [now] { return now; });
  HttpRequest request;
  request.method = "GET";
  request.path = path;
  for (const auto& [name, value] : parameters)
    request.query += (request.query.empty() ? "" : "&") + name + "=" + percent_encode(value);
  return api.answer(request, asker);
}

}  // namespace comporta
