// What views refuse for good.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/redis/people_redis.h"

namespace comporta {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

constexpr char kAna[] = "member/ana";

std::string note(const std::string& say) {
  return R"({"id":"n","by":"ana","say":")" + say + R"("})";
}

class Refusals : public ::testing::Test {
 protected:
  /// What is in Redis but for what tells of the upload.
  std::map<std::string, std::string> all_else() {
    auto all = people_.everything();
    for (const char* told : {":view:note:latest", ":view:note:counters"}) all.erase(told);
    all.erase(":outcome:" + people_.last_upload());
    return all;
  }
  void expect_refused(const Sent& sent, const std::string& reason) {
    const auto before = people_.everything();
    const auto outcome = people_.send("note", sent);
    EXPECT_THAT(outcome,
                Contains(Pair("0", R"({"key":"n","outcome":"refused","reason":")" + reason + R"("})")));
    auto expected = before;
    for (const char* told : {":view:note:latest", ":view:note:counters"}) expected.erase(told);
    EXPECT_EQ(all_else(), expected);
  }

  PeopleRedis people_;
};

TEST_F(Refusals, ForGoodChangeNothingAtAll) {
  people_.send("note", {note("hello"), kAna, {}, 1'000});
  expect_refused({note("no"), kAna, {}, 2'000}, "it says no");
  EXPECT_THAT(people_.ask("note", "refused", R"({"limit":10})"), HasSubstr(R"("records":[])"));
}

TEST_F(Refusals, AreOfDeletionsToo) {
  people_.send("note", {note("stays"), kAna, {}, 1'000});
  expect_refused({R"({"id":"n"})", kAna, {}, 2'000, "delete"}, "it stays, ana");
  EXPECT_THAT(people_.send("note", {R"({"id":"n"})", "system/operator", {"admin"}, 3'000, "delete"}),
              Not(Contains(Key("0"))));
  EXPECT_EQ(people_.record("note", "n"), "nothing");
}

TEST_F(Refusals, LeaveWhatWaitsWhereItIs) {
  people_.send("note", {R"({"id":"n","by":"ana","say":"hello","needs":"t"})", kAna, {}, 1'000});
  people_.send("note", {note("no"), kAna, {}, 2'000});
  people_.send("tag", {.records = R"({"id":"t"})", .at = 3'000});
  EXPECT_THAT(people_.record("note", "n"), HasSubstr(R"("say":"hello")"));
}

}  // namespace
}  // namespace comporta
