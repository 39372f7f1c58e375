// Who may change what is there, in the order of arrival: what is refused changes nothing, and says so.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/redis/people_redis.h"

namespace comporta {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

constexpr char kAna[] = "member/ana";
constexpr char kBob[] = "member/bob";

std::string note(const std::string& key, const std::string& by, const std::string& say = "hello",
                 const std::string& needs = {}) {
  return R"({"id":")" + key + R"(","by":")" + by + R"(","say":")" + say + '"' +
         (needs.empty() ? "" : R"(,"needs":")" + needs + '"') + "}";
}

std::string cached(const std::string& by, const std::string& say = "hello") {
  return R"({"by":")" + by + R"(","say":")" + say + R"("})";
}

MATCHER_P2(Refuses, index, why, "") {
  return arg.contains(index) &&
         arg.at(index).find(R"("outcome":"refused","reason":")" + std::string(why)) != std::string::npos;
}

constexpr char kSomebodyElses[] = "it is somebody else's";
constexpr char kNothingThere[] = "there is no such record to change";

class AccessRules : public ::testing::Test {
 protected:
  PeopleRedis::Fields send(const Sent& sent) { return people_.send("note", sent); }
  void ana_has(const std::string& key) { send({note(key, "ana"), kAna, {}, 1'000}); }

  PeopleRedis people_;
};

TEST_F(AccessRules, WhatIsThereIsChangedByItsOwnerARoleOrAnAdmin) {
  const std::vector<std::pair<Sent, bool>> tries = {
      {{note("n", "ana", "a"), kAna, {}, 2'000}, true},
      {{note("n", "bob", "b"), kBob, {}, 3'000}, false},
      {{note("n", "ana", "c"), kBob, {}, 4'000}, false},
      {{note("n", "ana", "d"), "employee/ana", {}, 5'000}, false},
      {{note("n", "ana", "e"), kBob, {"clerk"}, 6'000}, true},
      {{note("n", "ana", "f"), "system/operator", {"admin"}, 7'000}, true},
      {{note("n", "ana", "g"), kBob, {"cler", "clerks", "Admin"}, 8'000}, false},
      {{note("n", "bob", "h"), kBob, {"admin"}, 9'000}, true},
      {{note("n", "bob", "i"), kAna, {}, 10'000}, false},
      {{note("n", "bob", "j"), kBob, {}, 11'000}, true}};
  ana_has("n");
  std::string says = "hello";
  for (const auto& [sent, good] : tries) {
    const auto outcome = send(sent);
    const std::string now = sent.records.substr(sent.records.find("say") + 6, 1);
    if (good) says = now;
    EXPECT_THAT(people_.record("note", "n"), HasSubstr(R"("say":")" + says + '"')) << now;
    EXPECT_EQ(outcome.contains("0"), !good) << now;
    if (good) continue;
    EXPECT_THAT(outcome, Refuses("0", kSomebodyElses)) << now;
  }
}

TEST_F(AccessRules, ARefusedOneChangesNothing) {
  ana_has("n");
  auto before = people_.everything();
  const auto outcome = send({note("n", "bob", "mine"), kBob, {}, 2'000});
  EXPECT_THAT(outcome,
              Contains(Pair("0", R"({"key":"n","outcome":"refused","reason":"it is somebody else's"})")));
  auto after = people_.everything();
  EXPECT_THAT(after[":view:note:latest"], HasSubstr(R"("outcomes":{"1":"refused"},"flags":{})"));
  EXPECT_THAT(after[":view:note:counters"], HasSubstr("refused=1"));
  for (const char* told : {":view:note:latest", ":view:note:counters"}) before.erase(told), after.erase(told);
  after.erase(":outcome:" + people_.last_upload());
  EXPECT_EQ(after, before);
}

TEST_F(AccessRules, ThoseThatMightNotBeSentAreCounted) {
  ana_has("n");
  const std::string records = note("n", "bob") + "," + note("m", "bob") + "," + note("n", "ana");
  const auto part = PeopleRedis::part({records, kBob, {}, 2'000});
  EXPECT_EQ(people_.apply("note", {{.parts = {part}}}).front().forbidden, 2U);
  EXPECT_EQ(people_.apply("note", {{.parts = {PeopleRedis::part({note("k", "bob"), kBob, {}, 3'000})}}})
                .front()
                .forbidden,
            0U);
}

TEST_F(AccessRules, NobodyDeletesWhatIsSomebodyElsesOrNotThere) {
  ana_has("n");
  EXPECT_THAT(send({R"({"id":"n"})", kBob, {}, 2'000, "delete"}), Refuses("0", kSomebodyElses));
  EXPECT_EQ(people_.record("note", "n"), cached("ana"));
  EXPECT_THAT(send({R"({"id":"none"})", kBob, {}, 2'000, "delete"}), Refuses("0", kNothingThere));
  EXPECT_THAT(send({note("none", "ana"), kAna, {}, 1'500}), Not(Contains(Key("0"))))
      << "that deletion is not remembered";
  EXPECT_THAT(send({R"({"id":"n"})", kAna, {}, 3'000, "delete"}), Not(Contains(Key("0"))));
  EXPECT_EQ(people_.record("note", "n"), "nothing");
}

TEST_F(AccessRules, WhatIsDeletedIsNobodysAndWhoMayCreateMayCreateItAnew) {
  ana_has("n");
  send({R"({"id":"n"})", kAna, {}, 2'000, "delete"});
  EXPECT_THAT(send({R"({"id":"n"})", kAna, {}, 2'500, "delete"}), Refuses("0", kNothingThere));
  EXPECT_THAT(send({note("n", "bob"), kBob, {}, 3'000}), Not(Contains(Key("0"))));
  EXPECT_THAT(send({note("n", "ana"), kAna, {}, 4'000}), Refuses("0", kSomebodyElses));
  EXPECT_EQ(people_.record("note", "n"), cached("bob"));
}

TEST_F(AccessRules, WhoMayNotCreateChangesNothingIntoBeing) {
  EXPECT_THAT(send({note("n", "ana"), "employee/ana", {}, 1'000}), Refuses("0", kNothingThere));
  EXPECT_THAT(send({note("n", "ana"), "employee/ana", {"clerk"}, 1'500}), Refuses("0", kNothingThere));
  EXPECT_EQ(people_.record("note", "n"), "nothing");
}

TEST_F(AccessRules, OneThatIsLateIsAskedAboutAsWell) {
  ana_has("n");
  EXPECT_THAT(send({note("n", "bob", "late"), kBob, {}, 500}), Refuses("0", kSomebodyElses));
  EXPECT_THAT(people_.ask("note", "seen", "{}"), Not(HasSubstr("late")));
  EXPECT_THAT(send({R"({"id":"n"})", kBob, {}, 500, "delete"}), Refuses("0", kSomebodyElses));
  EXPECT_THAT(send({note("n", "ana", "late"), kAna, {}, 500}),
              Contains(Pair("0", R"({"key":"n","outcome":"late","reason":"a newer one had come before"})")));
  EXPECT_EQ(people_.record("note", "n"), cached("ana"));
}

TEST_F(AccessRules, OfSeveralInOnePartEachIsAskedAbout) {
  ana_has("n");
  const auto outcome = send({note("n", "bob", "1") + "," + note("m", "bob", "2") + "," +
                                 note("m", "bob", "3") + "," + note("n", "bob", "4"),
                             kBob,
                             {},
                             2'000});
  EXPECT_THAT(outcome, AllOf(Refuses("0", kSomebodyElses), Not(Contains(Key("1"))), Not(Contains(Key("2"))),
                             Refuses("3", kSomebodyElses)));
  EXPECT_EQ(people_.record("note", "m"), cached("bob", "3"));
  EXPECT_EQ(people_.record("note", "n"), cached("ana"));
}

TEST_F(AccessRules, AStrangerDoesNotTakeThePlaceOfOneThatWaits) {
  send({note("n", "ana", "waits", "t"), kAna, {}, 1'000});
  EXPECT_THAT(send({note("n", "bob"), kBob, {}, 2'000}), Refuses("0", kSomebodyElses));
  EXPECT_THAT(send({note("n", "bob", "waits", "t"), kBob, {}, 2'000}), Refuses("0", kSomebodyElses));
  EXPECT_THAT(send({R"({"id":"n"})", kBob, {}, 2'000, "delete"}), Refuses("0", kSomebodyElses));
  people_.send("tag", {.records = R"({"id":"t"})", .at = 3'000});
  EXPECT_THAT(people_.record("note", "n"), HasSubstr(R"("by":"ana","say":"waits")"));
}

TEST_F(AccessRules, OneThatWaitsIsReplacedAndTakenBackByItsOwner) {
  for (const char* key : {"n", "m"}) send({note(key, "ana", "waits", "t"), kAna, {}, 1'000});
  EXPECT_THAT(send({note("n", "ana"), kAna, {}, 2'000}), Not(Contains(Key("0"))));
  EXPECT_THAT(send({R"({"id":"m"})", kAna, {}, 2'000, "delete"}), Not(Contains(Key("0"))));
  people_.send("tag", {.records = R"({"id":"t"})", .at = 3'000});
  EXPECT_EQ(people_.record("note", "n"), cached("ana"));
  EXPECT_EQ(people_.record("note", "m"), "nothing");
}

TEST_F(AccessRules, WhatIsRefusedForGoodKeepsNobodyOut) {
  EXPECT_THAT(send({note("n", "ana", "no"), kAna, {}, 1'000}), Refuses("0", "it says no"));
  EXPECT_THAT(send({note("n", "bob"), kBob, {}, 2'000}), Not(Contains(Key("0"))));
}

TEST_F(AccessRules, OneThatWaitedIsAskedAboutAgainWhenItsTurnComes) {
  send({note("n", "ana"), kAna, {}, 1'000});
  send({note("n", "ana", "waits", "t"), kAna, {}, 3'000});
  const std::string waits = people_.last_upload();
  send({note("n", "bob"), "system/operator", {"admin"}, 2'000});
  people_.send("tag", {.records = R"({"id":"t"})", .at = 4'000});
  EXPECT_EQ(people_.record("note", "n"), cached("bob"));
  EXPECT_THAT(people_.outcome(waits), Refuses("0", kSomebodyElses));
  EXPECT_THAT(people_.ask("note", "refused", R"({"limit":10})"), HasSubstr(R"("records":[])"));
}

// The door stamps whoever sends.
TEST_F(AccessRules, WhoChangesSomebodyElsesRecordDoesNotBecomeItsOwner) {
  const auto slip = [](const std::string& by, const std::string& say) {
    return R"({"id":"s","say":")" + say + R"(","by":")" + by + R"("})";
  };
  const auto shown = [](const std::string& by, const std::string& say) {
    return R"({"by":")" + by + R"(","say":")" + say + R"("})";
  };
  people_.send("slip", {slip("ana", "a"), kAna, {}, 1'000});
  people_.send("slip", {slip("bob", R"(a \"by\":\"bob\" b)"), kBob, {"clerk"}, 2'000});
  EXPECT_EQ(people_.record("slip", "s"), shown("ana", R"(a \"by\":\"bob\" b)"));
  people_.send("slip", {slip("operator", "c"), "system/operator", {"admin"}, 3'000});
  EXPECT_EQ(people_.record("slip", "s"), shown("ana", "c"));
  EXPECT_THAT(people_.send("slip", {slip("bob", "d"), kBob, {}, 4'000}), Refuses("0", kSomebodyElses));
  EXPECT_THAT(people_.send("slip", {slip("ana", "e"), kAna, {}, 5'000}), Not(Contains(Key("0"))));
  people_.send("slip", {slip("bob", "f"), "system/operator", {"admin"}, 6'000});
  EXPECT_EQ(people_.record("slip", "s"), shown("bob", "f")) << "an admin may give it to another";
  EXPECT_EQ(people_.ask("slip", "seen", "{}"), R"({"seen":["ana","ana","ana","ana","bob"]})");
}

TEST_F(AccessRules, NorOfOneThatWaits) {
  const auto waits = [](const std::string& by) { return R"({"id":"s","by":")" + by + R"(","needs":"t"})"; };
  people_.send("slip", {waits(R"(a\u006ea)"), kAna, {}, 1'000});
  people_.send("slip", {waits(R"(b\u006fb)"), kBob, {"clerk"}, 2'000});
  people_.send("tag", {.records = R"({"id":"t"})", .at = 3'000});
  EXPECT_EQ(people_.record("slip", "s"), R"({"by":"ana","needs":"t"})");
}

TEST_F(AccessRules, WhatIsOverIsNobodysAnyMore) {
  const auto pass = [&](const char* by, int at) {
    return people_.send(
        "pass", {R"({"id":"p","by":")" + std::string(by) + "\"}", std::string("member/") + by, {}, at});
  };
  pass("ana", 0);
  EXPECT_THAT(pass("bob", 59'999), Refuses("0", kSomebodyElses));
  EXPECT_THAT(pass("bob", 60'000), Not(Contains(Key("0"))));
  EXPECT_THAT(pass("ana", 60'001), Refuses("0", kSomebodyElses));
}

TEST_F(AccessRules, WhereAnyoneMayChangeItStillTakesTheRightToCreate) {
  const auto board = [&](const char* by, int at) {
    return people_.send("board", {.records = R"({"id":"b","say":"hello"})", .by = by, .at = at});
  };
  EXPECT_THAT(board("", 0), Refuses("0", kNothingThere));
  EXPECT_THAT(board(kAna, 1'000), Not(Contains(Key("0"))));
  EXPECT_THAT(board("", 2'000), Not(Contains(Key("0"))));
}

TEST_F(AccessRules, WhatNamesNoSenderIsAsItWasWhereNobodyMayCreateWithoutLoggingIn) {
  send({.records = note("n", "ana"), .at = 1'000});
  EXPECT_THAT(send({.records = note("n", "bob", "then"), .at = 2'000}), Not(Contains(Key("0"))));
  EXPECT_EQ(people_.record("note", "n"), cached("bob", "then"));
  EXPECT_THAT(send({note("n", "ana"), kAna, {}, 3'000}), Refuses("0", kSomebodyElses));
}

}  // namespace
}  // namespace comporta
