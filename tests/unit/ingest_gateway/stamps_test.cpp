#include "services/ingest-gateway/stamps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/digest.h"
#include "tests/unit/ingest_gateway/gateway_api.h"

namespace comporta::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr const char* kBookings = "/api/v1/records/booking";
constexpr const char* kSeats = "/api/v1/records/seat";
constexpr const char* kUuid = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

class StampsTest : public GatewayApi {
 protected:
  /// What is published of what ana sends.
  std::string published(Sent sent) {
    if (sent.token.empty()) sent.token = people.token("member/ana");
    const auto refused = ask(sent);
    if (refused) return refused->body;
    const std::string all = line();
    return all.substr(all.find("\"records\":") + 10);
  }
};

TEST_F(StampsTest, AreFilledIn) {
  const std::string records = published({"POST", kBookings, R"([{"table":1},{ "table" : 2 }])"});
  const std::string received = queue.uploads.back()->header.received;
  const std::string filled = R"("at":")" + received + R"(","id":")" + kUuid + R"(","who":"ana",)";
  EXPECT_THAT(records,
              MatchesRegex("\\[\\{" + filled + "\"table\":1\\},\\{" + filled + " \"table\" : 2 \\}\\]\\}\n"));
}

TEST_F(StampsTest, AreTheSameAgainWithTheSameKey) {
  const std::string body = R"([{"table":1},{"table":1}])";
  const auto ids_of = [&](const std::string& key) {
    published({"POST", kBookings, body, key});
    const Upload& upload = *queue.uploads.back();
    std::vector<std::string> ids;
    for (const RecordSlice& record : upload.records) {
      const std::string text = upload.body.substr(record.begin, record.end - record.begin);
      ids.push_back(text.substr(text.find("\"id\":\"") + 6, 36));
    }
    return ids;
  };
  const auto first = ids_of("k");
  EXPECT_NE(first[0], first[1]) << "each record has its own";
  EXPECT_EQ(ids_of("k"), first);
  EXPECT_NE(ids_of("l"), first);
  EXPECT_NE(ids_of(""), ids_of(""));
  const std::string time = "019ab2f4-5c1e-7abc-8def-0123456789ab";
  EXPECT_EQ(uuid_v7_time(ids_of(time)[0]), uuid_v7_time(time)) << "the upload's time";
}

TEST_F(StampsTest, AUuidOfAMemberIsTheSameForTheSameCallerAndValue) {
  const auto id_of = [&](const std::string& body, const std::string& who) {
    const std::string records =
        published({.method = "POST", .path = kSeats, .body = body, .token = people.token("member/" + who)});
    return records.substr(records.find("\"id\":\"") + 6, 36);
  };
  const std::string seven = id_of(R"({"number":7})", "ana");
  EXPECT_THAT(seven, MatchesRegex("[0-9a-f-]{14}8[0-9a-f-]{21}"));
  EXPECT_EQ(id_of(R"({ "number" : 7 })", "ana"), seven);
  EXPECT_NE(id_of(R"({"number":8})", "ana"), seven);
  EXPECT_NE(id_of(R"({"number":7})", "bia"), seven);
  EXPECT_THAT(id_of("{}", "ana"), MatchesRegex(kUuid)) << "there is nothing to make it from";
  EXPECT_NE(id_of("{}", "ana"), id_of("{}", "ana"));
}

TEST_F(StampsTest, AreNotInTheDigest) {
  published({"POST", kBookings, R"({"table":1})", "k"});
  published({"POST", kBookings, R"({"table":1})", "k"});
  ASSERT_EQ(queue.uploads.size(), 2U);
  const std::string digest = to_hex(sha256_of_pieces({"booking", "", R"({"table":1})"}));
  for (const auto& upload : queue.uploads) EXPECT_EQ(upload->header.digest, digest);
  EXPECT_EQ(status({"POST", kBookings, R"({"table":2})", "k", people.token("member/ana")}), 409);
}

TEST_F(StampsTest, SentByOthersAreRefused) {
  for (const char* member : {"who", "at", "id"}) {
    const std::string body = R"([{"table":1},{")" + std::string(member) + R"(":"x","table":1}])";
    const auto refused = ask({"POST", kBookings, body, "", people.token("member/ana", {"clerk"})});
    ASSERT_TRUE(refused) << member;
    EXPECT_EQ(refused->status, 422);
    EXPECT_THAT(refused->body,
                HasSubstr(R"("errors":[{"index":1,"pointer":"/)" + std::string(member) +
                          R"(","keyword":"not","detail":"is filled in by the service; leave it out"}])"));
  }
}

TEST_F(StampsTest, SentByAnAdminAreKept) {
  const std::string admin = people.token("member/root", {"admin"});
  const std::string record = R"({"who":"bob","at":"2020-01-01T00:00:00Z","id":"b1","table":1})";
  EXPECT_EQ(published({"POST", kBookings, record, "", admin}), "[" + record + "]}\n");
  EXPECT_THAT(published({"POST", kBookings, R"({"who":"bob","table":1})", "", admin}),
              MatchesRegex(std::string(R"re(\[\{"at":"[^"]+","id":")re") + kUuid +
                           R"re(","who":"bob","table":1\}\]\}
)re"));
  EXPECT_THAT(published({"POST", kBookings, R"({"who":7,"table":1})", "", admin}),
              HasSubstr("\"status\":422"));
}

TEST_F(StampsTest, TheKeyOfAnAddressIsTheRecords) {
  EXPECT_THAT(published({"PUT", std::string(kBookings) + "/b%22%201", R"({"table":1})"}),
              MatchesRegex(R"re(\[\{"at":"[^"]+","who":"ana","id":"b\\" 1","table":1\}\]\}
)re"));
  const std::string admin = people.token("member/root", {"admin"});
  EXPECT_EQ(status({"PUT", std::string(kBookings) + "/b1", R"({"id":"b1","table":1})", "", admin}), 202);
  EXPECT_EQ(status({"PUT", std::string(kBookings) + "/b1", R"({"id":"b2","table":1})", "", admin}), 422);
  EXPECT_EQ(status({"DELETE", std::string(kBookings) + "/b1", "", "", admin}), 202);
  EXPECT_THAT(line(), HasSubstr(R"("records":[{"id":"b1"}])")) << "nothing is put into what takes away";
}

TEST_F(StampsTest, TheSameBodyForTwoAddressesIsNotTheSame) {
  const std::string ana = people.token("member/ana");
  EXPECT_EQ(status({"PUT", std::string(kBookings) + "/b1", R"({"table":1})", "k", ana}), 202);
  EXPECT_EQ(status({"PUT", std::string(kBookings) + "/b1", R"({"table":1})", "k", ana}), 202);
  EXPECT_EQ(status({"PUT", std::string(kBookings) + "/b2", R"({"table":1})", "k", ana}), 409);
}

TEST_F(StampsTest, HoldTheRoomThatTheyTake) {
  const auto bookings = [](int count) {
    std::string body = "[{\"table\":1}";
    for (int i = 1; i < count; ++i) body += R"(,{"table":1})";
    return body + "]";
  };
  const std::string ana = people.token("member/ana");
  EXPECT_EQ(status({"POST", kBookings, bookings(1'000), "", ana}), 503)
      << "what is filled in does not fit beside it";
  EXPECT_EQ(queue.memory.held, 0U);
  EXPECT_EQ(status({"POST", kBookings, bookings(500), "", ana}), 202);
  EXPECT_EQ(queue.memory.held, queue.uploads.back()->bytes());
}

TEST_F(StampsTest, ATrialIsStampedAndTakesNothing) {
  const auto said = ask(
      {"POST", std::string(kBookings) + "?dry_run=true", R"({"table":1})", "", people.token("member/ana")});
  ASSERT_TRUE(said);
  EXPECT_EQ(said->body, R"({"dry_run":true,"kind":"booking","records":1,"parts":1})");
  EXPECT_TRUE(queue.uploads.empty());
}

class LargeStampsTest : public GatewayApi {
 protected:
  LargeStampsTest() : GatewayApi(false, std::size_t{16} << 20) {}
};

TEST_F(LargeStampsTest, WhatBecomesTooLargeForAPartIsRefused) {
  settings.limits.max_record_bytes = kMaxPartRecordBytes;
  settle();
  const std::string notes(kMaxPartRecordBytes - 100, 'n');
  const auto refused =
      ask({"POST", kBookings, R"({"table":1,"notes":")" + notes + "\"}", "", people.token("member/ana")});
  settle();
  const auto said = refused ? refused : answer();
  ASSERT_TRUE(said);
  EXPECT_EQ(said->status, 413);
}

}  // namespace
}  // namespace comporta::gateway
