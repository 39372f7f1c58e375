// The queries that every kind has show a record as it is kept: what is empty in it stays what it is, a list
// or an object, and so does a number that Lua cannot hold.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/redis/people_redis.h"

namespace comporta {
namespace {

using ::testing::HasSubstr;

constexpr char kAna[] = "member/ana";
constexpr char kOdd[] = R"("say":{"none":{},"no":[],"many":12345678901234567890})";

class ShownRecords : public ::testing::Test {
 protected:
  std::string shown(const std::string& kind, const std::string& query) {
    return people_.ask(kind, query, R"({"limit":1})", 2'000);
  }

  PeopleRedis people_;
};

TEST_F(ShownRecords, AreAsTheyAreAmongTheLatest) {
  people_.send("tag", {.records = R"({"id":"a"})", .at = 1'000});
  EXPECT_THAT(shown("tag", "recent"), HasSubstr(R"("record":{}})"));
  people_.send("tag", {.records = std::string(R"({"id":"b",)") + kOdd + "}", .at = 1'000});
  EXPECT_THAT(shown("tag", "recent"), HasSubstr(std::string(R"("record":{)") + kOdd + "}"));
}

TEST_F(ShownRecords, AreAsTheyAreAmongTheRefused) {
  people_.send("note", {std::string(R"({"id":"a","by":"ana","needs":"b",)") + kOdd + "}", kAna, {}, 1'000});
  EXPECT_THAT(shown("note", "refused"), HasSubstr(kOdd));
}

TEST_F(ShownRecords, AreAsTheyAreAmongTheAccounts) {
  people_.send("member",
               {R"({"id":"a","email":"ana@x","password":"$2b$","name":{}})", kAna, {"admin"}, 1'000});
  EXPECT_THAT(shown("member", "accounts"), HasSubstr(R"("name":{})"));
}

}  // namespace
}  // namespace comporta
