#include "services/storage/object_lines.h"

#include <gtest/gtest.h>

#include "tests/support/batches.h"

namespace comporta {
namespace {

using test::batch_id;

std::string line_of(const std::string& principal, const std::string& records, std::uint8_t upload = 100) {
  PartHeader header;
  header.upload = batch_id(upload);
  header.received = rfc3339(test::kSomeTime);
  header.principal = principal;
  header.roles = {"password"};
  std::string line;
  append_part_line(line, header, records);
  return line;
}

TEST(ObjectLines, SayWhoSentThem) {
  EXPECT_EQ(principal_of(line_of("member/ana", R"({"id":"a"})")), "member/ana");
  EXPECT_EQ(principal_of(line_of("member/\"a\\,\"records\":[", R"({"principal":"member/bia"})")),
            "member/\"a\\,\"records\":[");
  EXPECT_EQ(principal_of(line_of("", R"({"principal":"member/ana"})")), "");
  EXPECT_EQ(principal_of(R"({"upload":"x","records":[],"principal":"member/ana"})"), "");
  EXPECT_EQ(principal_of(R"({"upload":{"principal":"member/ana"},"records":[]})"), "");
  for (const auto* line : {"", "{", "[]", "x"}) EXPECT_EQ(principal_of(line), "") << line;
}

TEST(ObjectLines, AreChosenByUploadAndByWhoSentThem) {
  const std::string anas = line_of("member/ana", R"({"id":"a"})");
  const std::string others = line_of("member/an", R"({"id":"b"})") + line_of("", R"({"id":"member/ana"})");
  const std::string elsewhere = line_of("member/ana", R"({"id":"c"})", 101);
  const std::string object = others + anas + elsewhere;
  EXPECT_EQ(lines_of(object, {.upload = batch_id(100), .principal = "member/ana"}), anas);
  EXPECT_EQ(lines_of(object, {.upload = batch_id(100), .principal = {}}), others + anas);
  EXPECT_EQ(lines_of(object, {.upload = batch_id(100), .principal = "member/bia"}), "");
}

/// Of one record.
std::string without(const std::string& record) {
  const std::string line = line_of("member/password", "{\"password\":\"other\"}," + record);
  const std::string cut = without_member(line, "password");
  const std::string start = line.substr(0, line.find("\"records\"")) + "\"records\":[{},";
  EXPECT_EQ(cut.substr(0, start.size()), start);
  EXPECT_EQ(cut.substr(cut.size() - 3), "]}\n");
  return cut.substr(start.size(), cut.size() - start.size() - 3);
}

TEST(ObjectLines, LoseAMemberWhereverItStands) {
  EXPECT_EQ(without(R"({"id":"a"})"), R"({"id":"a"})");
  EXPECT_EQ(without(R"({"password":"x"})"), "{}");
  EXPECT_EQ(without(R"({"password":"x","id":"a"})"), R"({"id":"a"})");
  EXPECT_EQ(without(R"({"id":"a","password":"x"})"), R"({"id":"a"})");
  EXPECT_EQ(without(R"({"id":"a","password":"x","n":1.50e1})"), R"({"id":"a","n":1.50e1})");
  EXPECT_EQ(without(R"({"password":"x","id":"a","password":"y"})"), R"({"id":"a"})");
  EXPECT_EQ(without(R"( { "password" : "x" , "id" : [ 1 , {} ] , "n" : null } )"),
            R"( {"id" : [ 1 , {} ],"n" : null } )");
}

TEST(ObjectLines, LoseAMemberHoweverItIsWritten) {
  EXPECT_EQ(without(R"({"id":"a","p\u0061ssword":"x"})"), R"({"id":"a"})");
  EXPECT_EQ(without(R"({"password":"a\"b,\"id\":\"c\\","id":"a"})"), R"({"id":"a"})");
  EXPECT_EQ(without(R"({"password":{"password":["}",{}]},"id":"a"})"), R"({"id":"a"})");
  EXPECT_EQ(without(R"({"password":null,"id":"a"})"), R"({"id":"a"})");
  EXPECT_EQ(without(R"({"password":"\ud83d\ude00","id":"😀"})"), R"({"id":"😀"})");
}

TEST(ObjectLines, KeepWhatIsCalledAlikeElsewhere) {
  for (const auto* record : {R"({"Password":"x","passwords":"y"})", R"({"id":{"password":"x"}})",
                             R"({"id":[{"password":"x"}]})", R"({"id":"\"password\":\"x\""})"})
    EXPECT_EQ(without(record), record);
}

TEST(ObjectLines, ThatAreNoPartsAreLeftOut) {
  const std::string good = line_of("", R"({"id":"a"})");
  std::string broken = line_of("", R"({"id":"a","password":"x"})");
  broken.erase(broken.size() - 2, 1);
  EXPECT_EQ(without_member(broken + good + "\n" + "\xff\n", "password"), good);
  EXPECT_EQ(without_member("{\"a\":" + std::string(5'000, '[') + "\n" + good, "password"), good);
}

}  // namespace
}  // namespace comporta
