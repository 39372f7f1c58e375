#pragma once
// Uploads for tests, and what their clients were answered.

#include <memory>
#include <string>
#include <vector>

#include "common/base/uuid.h"
#include "common/http/connection.h"
#include "services/ingest-gateway/upload.h"

namespace comporta::gateway {

/// Stands where clients stand: gives out responders and hears the answers.
class Clients {
 public:
  Responder responder() {
    return Responder(std::make_shared<http_detail::Exchange>(
        state_, mailbox_, std::weak_ptr<http_detail::Connection>{}, "/api/v1/records/transaction"));
  }
  std::vector<HttpResponse> answers() {
    std::vector<HttpResponse> heard;
    for (auto& answer : mailbox_->take()) heard.push_back(std::move(answer.response));
    return heard;
  }

 private:
  std::shared_ptr<http_detail::ServerState> state_ =
      std::make_shared<http_detail::ServerState>(HttpSettings{}, nullptr);
  std::shared_ptr<http_detail::Mailbox> mailbox_ = std::make_shared<http_detail::Mailbox>();
};

inline const Kind& kind_named(const std::string& name) {
  static std::map<std::string, Kind> kinds;
  const auto [found, is_new] = kinds.try_emplace(name);
  if (is_new) found->second.name = name;  // later it may be read elsewhere
  return found->second;
}

/// `count` records of `bytes` each.
inline std::shared_ptr<Upload> upload_of(Clients& clients, std::size_t count, std::size_t bytes = 100,
                                         const std::string& kind = "transaction") {
  auto upload = std::make_shared<Upload>();
  upload->kind = &kind_named(kind);
  upload->path = "/api/v1/records/" + kind;
  upload->responder = clients.responder();
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = static_cast<std::uint32_t>(upload->body.size());
    upload->body += "\"" + std::string(bytes - 2, 'r') + "\"";
    upload->records.push_back({begin, static_cast<std::uint32_t>(upload->body.size())});
    upload->body += ",";
  }
  upload->parts = cut_into_parts(upload->records);
  upload->header.upload = new_uuid_v7();
  upload->header.parts = upload->parts.size();
  upload->header.received = "2026-11-22T14:03:05.123Z";
  return upload;
}

}  // namespace comporta::gateway
