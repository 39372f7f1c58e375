#include "services/cache/reactions/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cache/sample_reaction.h"

namespace comporta {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using enum Verdict::Kind;

const WallClock::time_point kNow{std::chrono::seconds(1'614'265'330)};
constexpr char kWith[] = R"({"order":"o/1","on":"2026-11-29","items":["a","b"],"count":2})";

std::variant<OutgoingRequest, std::string> request_with(const Reaction& reaction, const char* with = kWith) {
  return request_for(reaction, ReactionValues(with, "the-id"), kNow);
}

TEST(ReactionRequest, IsAsTheKindSays) {
  const auto made = request_with(sample_reaction("charge"));
  const auto& request = std::get<OutgoingRequest>(made);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://provider.example/v1/orders/o%2F1?on=2026-11-29");
  EXPECT_THAT(
      request.headers,
      UnorderedElementsAre(Pair("Authorization", "Bearer the-token"), Pair("X-Idempotency-Key", "the-id"),
                           Pair("Accept", "application/json"), Pair("Content-Type", "application/json")));
  EXPECT_EQ(*request.body,
            R"({"reference":"o/1","note":"Order o/1: 2 items","items":["a","b"],"fixed":[true,1,2]})");
  EXPECT_EQ(request.timeout, std::chrono::seconds(2));
  EXPECT_FALSE(request.to_any_address);
}

TEST(ReactionRequest, ThatOnlyAsksHasNoBody) {
  const auto made = request_with(sample_reaction("look"));
  const auto& request = std::get<OutgoingRequest>(made);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.body, nullptr);
}

TEST(ReactionRequest, CannotBeMadeWithoutAValueOrWithOneThatLeadsElsewhere) {
  for (const char* with : {R"({"order":"o1"})", R"({"on":"x"})", R"({"order":"","on":"x"})",
                           R"({"order":"..","on":"x"})", R"({"order":["a"],"on":"x"})"}) {
    const auto made = request_with(sample_reaction("charge"), with);
    ASSERT_TRUE(std::holds_alternative<std::string>(made)) << with;
    EXPECT_THAT(std::get<std::string>(made), HasSubstr("a value of its address"));
  }
}

/// The body alone differs from the example at standardwebhooks.com.
TEST(ReactionRequest, IsSignedAfterStandardWebhooks) {
  const auto made = request_with(sample_reaction("tell"), R"({"order":"o1"})");
  const auto& request = std::get<OutgoingRequest>(made);
  EXPECT_EQ(request.headers.at("webhook-id"), "the-id");
  EXPECT_EQ(request.headers.at("webhook-timestamp"), "1614265330");
  // openssl dgst -sha256 -mac HMAC -macopt hexkey:<the secret's bytes> -binary | base64
  EXPECT_EQ(request.headers.at("webhook-signature"), "v1,RfWPsytejo92HEpO/FgVjFnzmHshe+YNN9e9Sk8vNtg=");
}

TEST(ReactionSetUp, SaysWhatIsMissing) {
  EXPECT_EQ(sample_reaction("charge").missing, "");
  EXPECT_THAT(sample_reaction("charge", {.secrets_dir = "/nowhere"}).missing,
              HasSubstr("no secret `provider_token`"));
  EXPECT_THAT(sample_reaction("tell", {.secrets_dir = "/nowhere"}).missing,
              HasSubstr("no secret `hook_secret`"));
  EXPECT_EQ(set_up("order", "look", reacting_kinds().find("order")->reactions.at("look"), {}).missing,
            "its address names no host");
}

TEST(ReactionSetUp, LeadsIntoAPrivateNetworkOnlyWhereThatIsNamed) {
  EXPECT_TRUE(sample_reaction("look", {.private_hosts = {"provider.example"}}).is_private);
  EXPECT_FALSE(sample_reaction("look", {.private_hosts = {"example"}}).is_private);
}

Verdict on(int status, const std::string& body = "{}") {
  return verdict_on({.status = status, .body = body, .fault = "no answer came"}, declared_reaction("charge"));
}

TEST(ReactionVerdict, IsByTheStatus) {
  for (const int status : {200, 201, 204, 299}) EXPECT_EQ(on(status).kind, kAnswered) << status;
  for (const int status : {100, 302, 401, 403, 404, 408, 409, 425, 429, 500, 503})
    EXPECT_EQ(on(status).kind, kAgain) << status;
  for (const int status : {400, 402, 410, 422, 499}) EXPECT_EQ(on(status).kind, kNever) << status;
  EXPECT_EQ(on(422).why, "it answers 422");
  EXPECT_EQ(on(0).kind, kAgain);
  EXPECT_EQ(on(0).why, "no answer came");
}

TEST(ReactionVerdict, AnAnswerThatMustBeReadMustBeJson) {
  for (const char* body : {"<html>", "", "{\"a\":", "{\"a\":\"\xff\"}"})
    EXPECT_EQ(on(200, body).kind, kAgain) << body;
  EXPECT_EQ(verdict_on({.status = 200, .body = "ok"}, declared_reaction("tell")).kind, kAnswered)
      << "nothing of it is read";
}

TEST(ReactionOutcome, IsMadeOfTheAnswerAndTheArguments) {
  const KindReaction declared = declared_reaction("charge");
  const ReactionValues values(kWith, "the-id");
  const Outcome whole = outcome_of(declared, values, {.body = R"({"data":{"status":"open","qr":"00020"}})"});
  EXPECT_EQ(whole.kind, "payment");
  EXPECT_TRUE(whole.is_good);
  EXPECT_EQ(whole.record, R"({"count":1,"id":"the-id","order":"o/1","qr":"00020","status":"open"})");
  const Outcome first =
      outcome_of(declared, values, {.body = R"({"status":1,"data":{"status":"open","qr":null}})"});
  EXPECT_EQ(first.record, R"({"count":1,"id":"the-id","order":"o/1","status":1})")
      << "the first that is there";
}

TEST(ReactionOutcome, OfAFailureSaysWhy) {
  ReactionValues values(kWith, "the-id");
  const Outcome outcome = failure_of(declared_reaction("charge"), values, "it answers 422");
  EXPECT_FALSE(outcome.is_good);
  EXPECT_EQ(outcome.record, R"({"id":"the-id","order":"o/1","reason":"it answers 422","status":"failed"})");
}

}  // namespace
}  // namespace comporta
