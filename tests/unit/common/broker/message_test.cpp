#include "common/broker/message.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

constexpr const char* kUpload = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";  // 2022-02-22T19:22:22Z
constexpr const char* kName = "transaction/2022/02/22/017f22e2-79b0-7cc3-98c4-dc0c0c07398f.ndjson";

PartHeader header() {
  return {.upload = kUpload,
          .part = 2,
          .parts = 3,
          .first = 0,
          .received = "2026-11-22T14:03:05.123Z",
          .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          .principal = "ana \"a\"",
          .roles = {},
          .digest = "",
          .action = ""};
}

TEST(PartLine, IsOneLineOfJson) {
  std::string out = "before\n";
  append_part_line(out, header(), R"({"a":1},{"a":2})");
  EXPECT_EQ(out,
            "before\n"
            R"({"upload":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","part":2,"parts":3,)"
            R"("received":"2026-11-22T14:03:05.123Z",)"
            R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)"
            R"("principal":"ana \"a\"","records":[{"a":1},{"a":2}]})"
            "\n");
}

TEST(PartLine, HasItsDigestBeforeTheRecords) {
  PartHeader keyed = header();
  keyed.digest = std::string(64, 'd');
  std::string out;
  append_part_line(out, keyed, "1");
  EXPECT_TRUE(out.ends_with(R"(,"digest":")" + std::string(64, 'd') + R"(","records":[1]})" + '\n')) << out;
}

TEST(PartLine, SaysThatItTakesAway) {
  PartHeader deletion = header();
  deletion.action = kDeleteAction;
  std::string out;
  append_part_line(out, deletion, "1");
  EXPECT_TRUE(out.ends_with(R"(,"action":"delete","records":[1]})"
                            "\n"))
      << out;
}

TEST(PartLine, SaysWhereItBeginsAndWithWhatRolesItWasSent) {
  PartHeader sent = header();
  sent.first = 1'000;
  sent.roles = {"admin", "cook"};
  std::string out;
  append_part_line(out, sent, "1");
  EXPECT_NE(out.find(R"("parts":3,"first":1000,"received":")"), std::string::npos) << out;
  EXPECT_NE(out.find(R"(,"principal":"ana \"a\"","roles":["admin","cook"],"records":)"), std::string::npos)
      << out;
}

TEST(PartLine, NeedsNoMoreThanItsOverhead) {
  PartHeader longest = header();
  longest.part = longest.parts = longest.first = 100'000'000;
  // Principal and roles together are in a token of at most 4 KiB in base64, which has them as JSON, too.
  longest.principal = std::string(400, '\x01');
  longest.roles = {std::string(100, '\x01')};
  longest.digest = std::string(64, 'd');
  longest.action = kDeleteAction;
  std::string out;
  append_part_line(out, longest, "");
  EXPECT_LE(out.size(), kPartOverheadBytes);
}

TEST(PartLine, SaysWhoseItIs) {
  std::string line;
  append_part_line(line, header(), "1");
  EXPECT_TRUE(is_part_of(line, kUpload));
  for (const auto* other : {"017f22e2-79b0-7cc3-98c4-dc0c0c07398e", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                            "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", ""}) {
    EXPECT_FALSE(is_part_of(line, other)) << other;
  }
  for (const auto* bad : {"", "{", R"({"upload":")", R"({"upload":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f)"}) {
    EXPECT_FALSE(is_part_of(bad, kUpload)) << bad;
  }
}

TEST(KindName, IsASafeName) {
  for (const auto& good :
       {std::string("a"), std::string("menu-item"), std::string("a1--b2"), std::string(63, 'k')}) {
    EXPECT_TRUE(is_kind_name(good)) << good;
  }
  for (const auto& bad :
       {std::string(), std::string("A"), std::string("1a"), std::string("-a"), std::string("a-"),
        std::string("a_b"), std::string("a.b"), std::string("a/b"), std::string(".."), std::string("ação"),
        std::string("a\0b", 3), std::string(64, 'k')}) {
    EXPECT_FALSE(is_kind_name(bad)) << bad;
  }
}

TEST(ObjectName, IsAFunctionOfKindAndBatch) {
  EXPECT_EQ(object_name("transaction", kUpload), kName);
  EXPECT_EQ(object_name("a", "00000000-0000-7000-8000-000000000000"),
            "a/1970/01/01/00000000-0000-7000-8000-000000000000.ndjson");
  EXPECT_EQ(object_name("Transaction", kUpload), std::nullopt);
  EXPECT_EQ(object_name("transaction", "017f22e2"), std::nullopt);
  EXPECT_EQ(object_name("transaction", "ffffffff-ffff-7cc3-98c4-dc0c0c07398f"), std::nullopt);
}

TEST(ObjectName, IsRecognised) {
  EXPECT_TRUE(is_object_name(kName));
  for (const auto* bad : {
           "",
           "transaction",
           "017f22e2-79b0-7cc3-98c4-dc0c0c07398f.ndjson",
           "/2022/02/22/017f22e2-79b0-7cc3-98c4-dc0c0c07398f.ndjson",
           "transaction/2022/02/23/017f22e2-79b0-7cc3-98c4-dc0c0c07398f.ndjson",  // another day
           "transaction/2022/2/22/017f22e2-79b0-7cc3-98c4-dc0c0c07398f.ndjson",
           "transaction/2022/02/22/x/017f22e2-79b0-7cc3-98c4-dc0c0c07398f.ndjson",
           "transaction/../02/22/017f22e2-79b0-7cc3-98c4-dc0c0c07398f.ndjson",
           "transaction/2022/02/22/017f22e2-79b0-4cc3-98c4-dc0c0c07398f.ndjson",  // version 4
           "transaction/2022/02/22/017f22e2-79b0-7cc3-98c4-dc0c0c07398f.NDJSON",
           "transaction/2022/02/22/017f22e2-79b0-7cc3-98c4-dc0c0c07398f.ndjson/",
       }) {
    EXPECT_FALSE(is_object_name(bad)) << bad;
  }
}

TEST(Message, ALineTellsWhenItsPartWasReceived) {
  PartHeader header{.upload = "0193d4e0-0000-7000-8000-000000000001",
                    .part = 123'456'789,
                    .parts = 123'456'789,
                    .first = 123'456'789,
                    .received = "2026-11-22T14:03:05.123Z",
                    .traceparent = {},
                    .principal = {},
                    .digest = {}};
  std::string line;
  append_part_line(line, header, "{}");
  using namespace std::chrono;
  const auto expected = sys_days(2026y / 11 / 22) + 14h + 3min + 5s + 123ms;
  EXPECT_EQ(received_at(line), expected);
  for (const char* text : {"", "{}", R"({"upload":")", R"({"received":"2026-11-22T14:03:05.123Z"})",
                           R"({"upload":"x","part":1,"parts":1,"received":"yesterday"})"})
    EXPECT_FALSE(received_at(text)) << text;
}

TEST(SampledTrace, IsThatOfASampledPart) {
  const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto line = [](const std::string& trace) {
    std::string out;
    const PartHeader header{.upload = "018f3c5e-7b2a-7000-8000-000000000001",
                            .part = 999'999,
                            .parts = 1'000'000,
                            .first = 999'999'999,
                            .received = "2026-11-22T14:03:05.123Z",
                            .traceparent = trace,
                            .principal = {},
                            .digest = {}};
    append_part_line(out, header, "{}");
    return out;
  };
  EXPECT_EQ(sampled_trace(line(traceparent)), traceparent);
  for (const std::string& other :
       {std::string(), traceparent.substr(0, 54) + "0", traceparent + "1", std::string(54, '0') + "1",
        std::string("00-00000000000000000000000000000000-b7ad6b7169203331-01")})
    EXPECT_EQ(sampled_trace(line(other)), "") << other;
  for (const std::string& text :
       {std::string(), std::string("{}"), R"({"traceparent":")" + traceparent + "\"}",
        line(traceparent).substr(0, 150)})
    EXPECT_EQ(sampled_trace(text), "") << text;
}

}  // namespace
}  // namespace comporta
