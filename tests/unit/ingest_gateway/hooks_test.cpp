#include "services/ingest-gateway/hooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/base/digest.h"
#include "common/config/settings.h"
#include "tests/unit/ingest_gateway/gateway_api.h"

namespace comporta::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Headers = std::vector<std::pair<std::string, std::string>>;

const std::string kKey = "sixteen bytes, and more";
const std::string kRequestId = "bb56a2f1-6aae-46ac-982e-9dcd3581d08e";
constexpr std::int64_t kNow = 1'704'908'010;

KindSet hook_kinds() {
  std::vector<std::string> faults;
  KindSet kinds = KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "tests/data/hooks", faults);
  EXPECT_THAT(faults, IsEmpty());
  return kinds;
}

std::string mercadopago_signature(const std::string& id, const std::string& key = kKey) {
  const std::string manifest = "id:" + id + ";request-id:" + kRequestId + ";ts:1704908010;";
  return "ts=1704908010,v1=" + to_hex(hmac_sha256(key, manifest));
}

Headers signed_by_standard_webhooks(const std::string& id, const std::string& body) {
  return {{"webhook-id", id},
          {"webhook-timestamp", "1704908010"},
          {"webhook-signature", standard_webhooks_signature(kKey, id, "1704908010", body)}};
}

Headers signed_by_github(const std::string& body) {
  return {{"x-hub-signature-256", "sha256=" + to_hex(hmac_sha256(kKey, body))},
          {"x-github-delivery", "d1"},
          {"x-github-event", "push"}};
}

/// The gateway on the kinds of tests/data/hooks, which know their secrets, at the time kNow.
class HooksTest : public ::testing::Test {
 protected:
  /// The status of the answer; 0 if something is on its way to the broker.
  int tell(const std::string& path, Headers headers = {}, const std::string& body = "",
           const std::string& method = "POST") {
    HttpRequest notice{
        .method = method, .path = path, .query = {}, .headers = std::move(headers), .body = body};
    if (const std::size_t question = path.find('?'); question != std::string::npos) {
      notice.path = path.substr(0, question);
      notice.query = path.substr(question + 1);
    }
    const HttpApi api(kinds, people.keeper(), hooks, ingest);
    api.handle(std::move(notice), clients.responder());
    auto answers = clients.answers();
    said = answers.empty() ? "" : answers.front().body;
    return answers.empty() ? 0 : answers.front().status;
  }
  int notice(const std::string& query, const std::string& signature = "") {
    Headers headers = {{"x-request-id", kRequestId}};
    if (!signature.empty()) headers.emplace_back("x-signature", signature);
    return tell("/api/v1/hooks/notice?" + query, std::move(headers), R"({"resource":"https://elsewhere/1"})");
  }
  int event(const std::string& body) {
    return tell("/api/v1/hooks/event", signed_by_standard_webhooks("msg_1", body), body);
  }
  /// The records that the last upload carries, with what stands before and behind them.
  std::string line() {
    std::string out;
    if (!queue.uploads.empty()) queue.uploads.back()->append_part(out, 0);
    return out;
  }
  double counted(const std::string& kind, const std::string& outcome) {
    const std::string text = metrics.render();
    const std::string name = "comporta_notices_total{kind=\"" + kind + "\",outcome=\"" + outcome + "\"} ";
    const std::size_t at = text.find(name);
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size()));
  }

  const KindSet kinds = hook_kinds();
  People people;
  Clients clients;
  KeptUploads queue{200'000};
  IdempotencyMemory memory{100};
  Metrics metrics;
  Hooks hooks{
      kinds, {{{"notice", {"the one before it", kKey}}, {"event", {kKey}}, {"push", {kKey}}}}, metrics, [] {
        return WallClock::time_point(std::chrono::seconds(kNow));
      }};
  Ingest ingest{{}, kinds, queue, memory, metrics};
  std::string said;
};

TEST_F(HooksTest, WhatIsSignedBecomesARecordThatNobodySent) {
  EXPECT_EQ(notice("data.id=132646402927&type=payment", mercadopago_signature("132646402927")), 0);
  EXPECT_THAT(line(),
              HasSubstr(R"("principal":"","records":[)"
                        R"({"topic":"payment","resource":"132646402927","id":"payment-132646402927"}]})"));
  EXPECT_EQ(queue.uploads.at(0)->answer, 200);
  EXPECT_EQ(counted("notice", "signed"), 1);
}

TEST_F(HooksTest, WhatIsForgedIsRefusedAndCounted) {
  const std::string signature = mercadopago_signature("132646402927");
  EXPECT_EQ(notice("data.id=132646402928&type=payment", signature), 401);
  EXPECT_THAT(said, HasSubstr("urn:comporta:problem:bad-signature"));
  EXPECT_EQ(notice("data.id=132646402927&type=payment", mercadopago_signature("132646402927", "other key")),
            401);
  EXPECT_EQ(notice("data.id=132646402927&type=payment", "v1=x"), 401);
  EXPECT_THAT(queue.uploads, IsEmpty());
  EXPECT_EQ(counted("notice", "refused"), 3);
}

TEST_F(HooksTest, WhatIsNotSignedIsTakenWhereThatIsSaid) {
  EXPECT_EQ(notice("id=15140831325&topic=merchant_order"), 0);
  EXPECT_THAT(line(), HasSubstr(R"("id":"merchant_order-15140831325")"));
  EXPECT_EQ(notice("id=1&topic=payment", mercadopago_signature("2")), 0)
      << "a signature without the id it is of says nothing";
  EXPECT_EQ(counted("notice", "unsigned"), 2);
  EXPECT_EQ(tell("/api/v1/hooks/push", {{"x-github-delivery", "d1"}, {"x-github-event", "push"}}, "{}"), 401);
  EXPECT_THAT(said, HasSubstr("It has to be signed."));
  EXPECT_EQ(tell("/api/v1/hooks/ping?from=home", {{"x-hub-signature-256", "sha256=forged"}}), 0)
      << "nobody looks at it";
}

TEST_F(HooksTest, TheFirstThatIsThereIsTaken) {
  EXPECT_EQ(notice("type=payment&topic=other&data.id=&id=7"), 0);
  EXPECT_THAT(line(), HasSubstr(R"({"topic":"payment","resource":"7","id":"payment-7"})"));
}

TEST_F(HooksTest, WhatTheSchemaDoesNotTakeIsA400) {
  for (const char* query :
       {"topic=payment", "id=1", "", "id=https%3A%2F%2Fapi.example.evil.test%2F1&topic=payment",
        "id=../1&topic=payment", "id=1&id=2&topic=payment", "id=%zz"})
    EXPECT_EQ(notice(query), 400) << query;
  EXPECT_THAT(queue.uploads, IsEmpty());
}

TEST_F(HooksTest, OfTheBodyIsTakenWhatThePointersName) {
  EXPECT_EQ(event(R"({"type":"paid","data":{"amount":12.5,"final":true,"more":[1]}})"), 0);
  EXPECT_THAT(line(), HasSubstr(R"("id":"msg_1","type":"paid","amount":12.5,"final":true,)"
                                R"("note":"paid: 12.5, true","source":"outside"}]})"));
  EXPECT_THAT(line(), HasSubstr(R"("at":")")) << "what is stamped is filled in";
  EXPECT_EQ(queue.uploads.at(0)->answer, 201);
}

TEST_F(HooksTest, WhatIsNotThereIsLeftOut) {
  EXPECT_EQ(event(R"({"type":"paid","data":{"amount":null,"total":3}})"), 0);
  EXPECT_THAT(line(), HasSubstr(R"("type":"paid","amount":3,"source":"outside")"));
  for (const char* body :
       {R"({"type":["paid"]})", R"({"type":{"a":1}})", R"({"type":""})", R"({})", "[]", "1"})
    EXPECT_EQ(event(body), 400) << body;
  EXPECT_EQ(queue.uploads.size(), 1U);
}

TEST_F(HooksTest, ABodyThatIsReadMustBeJson) {
  for (const std::string& body : {std::string("payload=1"), std::string(), std::string("{\"type\":\"\xFF\"}"),
                                  std::string("{\"type\":\"a\"} x"), std::string(60'000, '[')}) {
    EXPECT_EQ(event(body), 400) << body.substr(0, 20);
  }
  const std::string deep = "{\"type\":" + std::string(20'000, '[') + std::string(20'000, ']') + "}";
  EXPECT_EQ(event(deep), 400) << "what is deep is no text";
}

TEST_F(HooksTest, ItMayBeTold64KiB) {
  std::string body = R"({"ref":"refs/heads/main"})";
  body.resize(kMaxNoticeBytes, ' ');
  EXPECT_EQ(tell("/api/v1/hooks/push", signed_by_github(body), body), 0);
  EXPECT_THAT(line(), HasSubstr(R"({"id":"d1","event":"push","ref":"refs/heads/main"})"));
  EXPECT_EQ(queue.uploads.at(0)->answer, 202);
  body += ' ';
  EXPECT_EQ(tell("/api/v1/hooks/push", signed_by_github(body), body), 413);
}

TEST_F(HooksTest, NothingElseOfTheNoticeGetsAnyFurther) {
  Headers headers = {{"idempotency-key", "k"},
                     {"content-type", "text/plain"},
                     {"content-encoding", "gzip"},
                     {"authorization", people.token("member/ana", {"admin"})}};
  EXPECT_EQ(tell("/api/v1/hooks/notice?id=1&topic=payment&dry_run=true", headers), 0);
  EXPECT_EQ(tell("/api/v1/hooks/notice?id=2&topic=payment", headers), 0) << "no key was used before";
  EXPECT_THAT(line(), Not(HasSubstr("ana")));
  EXPECT_THAT(line(), Not(HasSubstr("digest")));
}

TEST_F(HooksTest, OnlyWhatIsDeclaredIsThere) {
  EXPECT_EQ(tell("/api/v1/hooks/unknown"), 404);
  EXPECT_EQ(tell("/api/v1/hooks/"), 404);
  EXPECT_EQ(tell("/api/v1/hooks/notice/1"), 404);
  EXPECT_EQ(tell("/api/v1/hooks/notice", {}, "", "GET"), 405);
  EXPECT_EQ(tell("/api/v1/hooks/notice?id=1&topic=payment", {{"sec-fetch-site", "cross-site"}}), 403);
}

/// Its own door is no other one.
TEST_F(HooksTest, WhoeverMayTellMayNotUpload) {
  const std::string record = R"({"topic":"payment","resource":"1","id":"payment-1"})";
  EXPECT_EQ(tell("/api/v1/records/notice", {{"content-type", "application/json"}}, record), 401);
}

class HookSettingsTest : public ::testing::Test {
 protected:
  HookSettings read() {
    const std::filesystem::path file = folder.path() / "gateway.yaml";
    std::ofstream(file) << "hooks: {secrets_dir: " << folder.path().string() << "}\n";
    Settings source(file);
    HookSettings settings = read_hook_settings(source.root().section("hooks"), kinds);
    faults = source.faults();
    return settings;
  }
  void write(const std::string& name, const std::string& secret) {
    std::ofstream(folder.path() / name) << secret << "\n";
  }

  const KindSet kinds = hook_kinds();
  test::TemporaryFolder folder;
  std::vector<std::string> faults;
};

TEST_F(HookSettingsTest, AKindThatRequiresSignaturesNeedsASecret) {
  read();
  EXPECT_THAT(faults,
              ElementsAre(HasSubstr(":1: hooks.secrets_dir: has none of the secrets by which the kind event"),
                          HasSubstr("the kind push knows its notices: push_secret")));
  write("event_secret_before", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  write("push_secret", kKey);
  const HookSettings settings = read();
  EXPECT_THAT(faults, IsEmpty()) << "one of two is enough, and a signature that may be absent needs none";
  EXPECT_THAT(settings.keys.at("push"), ElementsAre(kKey));
  EXPECT_EQ(settings.keys.at("event").at(0).size(), 24U);
  EXPECT_THAT(settings.keys.at("notice"), IsEmpty());
  EXPECT_FALSE(settings.keys.contains("ping"));
}

TEST_F(HookSettingsTest, BothSecretsAreKnown) {
  write("notice_secret", kKey);
  write("notice_secret_before", "the one before, of 16 bytes");
  EXPECT_THAT(read().keys.at("notice"), ElementsAre(kKey, "the one before, of 16 bytes"));
}

TEST_F(HookSettingsTest, ASecretHasToBeOne) {
  write("event_secret", "whsec_this is no base64");
  write("push_secret", "fifteen bytes..");
  read();
  EXPECT_THAT(faults,
              ElementsAre(HasSubstr("`event_secret` is no secret of standard-webhooks"),
                          HasSubstr("`push_secret` is no secret of github, or has less than 16 bytes")));
}

TEST(Hooks, WithoutASecretWhatIsSignedIsRefused) {
  const KindSet kinds = hook_kinds();
  Metrics metrics;
  const Hooks hooks(kinds, {{{"notice", {}}}}, metrics);
  HttpRequest notice{
      .method = "POST",
      .path = "/api/v1/hooks/notice",
      .query = "data.id=1&type=payment",
      .headers = {{"x-signature", mercadopago_signature("1", "")}, {"x-request-id", kRequestId}},
      .body = {}};
  const Kind& kind = *kinds.find("notice");
  EXPECT_EQ(std::get<Problem>(hooks.record_of(kind, notice)).status, 401);
  notice.headers.clear();
  EXPECT_THAT(std::get<std::string>(hooks.record_of(kind, notice)), HasSubstr("payment-1"));
}

}  // namespace
}  // namespace comporta::gateway
