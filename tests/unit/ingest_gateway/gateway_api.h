#pragma once
// The gateway's public routes on the kinds of tests/data/good/kinds, without a broker.

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "services/ingest-gateway/http_api.h"
#include "tests/unit/ingest_gateway/people.h"
#include "tests/unit/ingest_gateway/uploads.h"

namespace comporta::gateway {

/// Keeps what it is given, and confirms nothing.
struct KeptUploads final : UploadQueue {
  explicit KeptUploads(std::size_t room) : memory(room) {}
  std::string refusal() override { return {}; }
  std::optional<Place> place(std::size_t bytes) override {
    Place made{Lease(memory), {}};
    return made.bytes.try_hold(bytes) ? std::optional(std::move(made)) : std::nullopt;
  }
  void submit(std::shared_ptr<Upload> upload) override {
    const std::lock_guard lock(mutex);
    uploads.push_back(std::move(upload));
  }
  std::mutex mutex;                              ///< of those who submit
  std::vector<std::shared_ptr<Upload>> uploads;  ///< to be looked at when all threads have ended
  Budget memory;
};

struct Sent {
  std::string method;
  std::string path;
  std::string body = {};
  std::string key = {};    ///< Idempotency-Key
  std::string token = {};  ///< Authorization
};

class GatewayApi : public ::testing::Test {
 protected:
  explicit GatewayApi(bool closed = false, std::size_t room = 100'000) : people(closed), queue(room) {}

  /// The one answer; nothing if an upload was taken in, which is answered later.
  std::optional<HttpResponse> ask(const Sent& sent) {
    HttpRequest request{
        .method = sent.method, .path = sent.path, .query = {}, .headers = {}, .body = sent.body};
    if (const std::size_t question = sent.path.find('?'); question != std::string::npos) {
      request.path = sent.path.substr(0, question);
      request.query = sent.path.substr(question + 1);
    }
    if (!sent.body.empty()) request.headers.emplace_back("content-type", "application/json");
    if (!sent.key.empty()) request.headers.emplace_back("idempotency-key", sent.key);
    if (!sent.token.empty()) request.headers.emplace_back("authorization", sent.token);
    const HttpApi api(kinds, people.keeper(), hooks, *ingest);
    api.handle(std::move(request), clients.responder());
    return answer();
  }
  std::optional<HttpResponse> ask(const std::string& method, const std::string& path,
                                  const std::string& body = "", const std::string& key = "") {
    return ask({method, path, body, key});
  }
  std::optional<HttpResponse> answer() {
    auto answers = clients.answers();
    return answers.empty() ? std::nullopt : std::optional(answers.at(0));
  }
  /// 202 where an upload was taken in, which is answered later.
  int status(const Sent& sent) {
    const auto answered = ask(sent);
    return answered ? answered->status : 202;
  }
  /// Ends the threads, so that what was sent is as far as it gets; others take what is sent next.
  void settle() { ingest = std::make_unique<Ingest>(settings, kinds, queue, memory, metrics); }

  /// The line that would be published of the last upload.
  std::string line() {
    std::string out;
    if (!queue.uploads.empty()) queue.uploads.back()->append_part(out, 0);
    return out;
  }

  static KindSet load() {
    std::vector<std::string> faults;
    return KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "tests/data/good/kinds", faults);
  }

  KindSet kinds = load();
  People people;
  Clients clients;
  KeptUploads queue;
  IdempotencyMemory memory{100};
  Metrics metrics;
  IngestSettings settings{.hash_secret = "a secret of the tests",
                          .passwords = {.secret = "the secret of the passwords of the tests"}};
  Hooks hooks{kinds, {}, metrics};
  std::unique_ptr<Ingest> ingest = std::make_unique<Ingest>(settings, kinds, queue, memory, metrics);
};

}  // namespace comporta::gateway
