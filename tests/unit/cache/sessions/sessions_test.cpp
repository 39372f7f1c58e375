#include "services/cache/sessions/sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cache/memory_people_store.h"

namespace comporta {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kSecret(32, 's');

class SessionsTest : public ::testing::Test {
 protected:
  SessionsTest() { store.put("client", "c/1", "ana@example.com", "hash", R"(["cook"])"); }

  OpenSession open() {
    return sessions.open(*parse_account("client", "c/1", *store.account_text("client", "c/1")));
  }
  /// The next refresh token, or `over`.
  std::string refresh(const std::string& token) {
    const auto session = sessions.refresh(token);
    return session ? session->refresh.text() : "over";
  }
  static Caller caller_of(const OpenSession& session) {
    return {.kind = "client", .key = "c/1", .roles = {}, .session = session.refresh.session};
  }

  MemoryPeopleStore store;
  Sessions sessions{store, {}, kSecret, TestTime::now};
};

TEST_F(SessionsTest, TellWhoseTheyAre) {
  const OpenSession session = open();
  EXPECT_EQ(session.idle, hours(2));
  EXPECT_EQ(session.end, TestTime::now() + hours(12));
  const auto account = sessions.account_of(caller_of(session));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->principal(), "client/c/1");
  EXPECT_EQ(account->login, "ana@example.com");
  EXPECT_THAT(account->roles, ::testing::ElementsAre("cook"));
  EXPECT_FALSE(
      sessions.account_of({.kind = "client", .key = "c2", .roles = {}, .session = session.refresh.session}));
  EXPECT_FALSE(sessions.account_of({.kind = "client", .key = "c/1", .roles = {}, .session = "another"}));
}

TEST_F(SessionsTest, EachRefreshTokenTakesTheOthersPlace) {
  const std::string first = open().refresh.text();
  const std::string second = refresh(first);
  EXPECT_NE(second, first);
  TestTime::pass(minutes(10));
  const std::string third = refresh(second);
  EXPECT_NE(third, second);
  TestTime::pass(minutes(10));
  EXPECT_NE(refresh(third), "over");
}

TEST_F(SessionsTest, TabsThatRefreshAtOnceGetTheSameToken) {
  const std::string first = open().refresh.text();
  const std::string second = refresh(first);
  EXPECT_EQ(refresh(first), second);
  EXPECT_EQ(refresh(second), second) << "none is replaced twice within the grace";
  TestTime::pass(kRefreshGrace);
  EXPECT_EQ(refresh(first), second);
  EXPECT_EQ(refresh(second), second);
  TestTime::pass(milliseconds(1));
  EXPECT_NE(refresh(second), second);
}

TEST_F(SessionsTest, ATokenThatComesAgainLateEndsTheSession) {
  const OpenSession session = open();
  const std::string second = refresh(session.refresh.text());
  TestTime::pass(kRefreshGrace + milliseconds(1));
  EXPECT_EQ(refresh(session.refresh.text()), "over");
  EXPECT_EQ(refresh(second), "over");
  EXPECT_FALSE(sessions.account_of(caller_of(session)));
}

TEST_F(SessionsTest, SoDoesOneThatWasReplacedLongAgo) {
  const std::string first = open().refresh.text();
  std::string last = first;
  for (int i = 0; i < 8; ++i) {
    last = refresh(last);
    TestTime::pass(minutes(30));
  }
  EXPECT_NE(refresh(last), "over");
  EXPECT_EQ(refresh(first), "over");
  EXPECT_EQ(refresh(last), "over");
}

TEST_F(SessionsTest, WhatWasNeverOneOfItsTokensEndsNoSession) {
  const OpenSession session = open();
  const RefreshToken guess{session.refresh.session, new_refresh_token().secret};
  EXPECT_EQ(refresh(guess.text()), "over");
  for (const std::string& bad :
       {std::string(), std::string("."), session.refresh.session, session.refresh.text() + "x",
        session.refresh.text() + ".", "x" + session.refresh.text(), new_refresh_token().text(),
        std::string(5'000, 'a')})
    EXPECT_EQ(refresh(bad), "over");
  EXPECT_NE(refresh(session.refresh.text()), "over");
}

TEST_F(SessionsTest, AreOverWhenNobodyRefreshesThem) {
  const OpenSession session = open();
  TestTime::pass(hours(2) - milliseconds(1));
  const std::string second = refresh(session.refresh.text());
  TestTime::pass(hours(2) - milliseconds(1));
  EXPECT_TRUE(sessions.account_of(caller_of(session)));
  TestTime::pass(milliseconds(1));
  EXPECT_EQ(refresh(second), "over");
  EXPECT_FALSE(sessions.account_of(caller_of(session)));
}

TEST_F(SessionsTest, AreOverInTheEndAnyway) {
  std::string last = open().refresh.text();
  for (int i = 0; i < 11; ++i) {
    TestTime::pass(hours(1));
    last = refresh(last);
  }
  TestTime::pass(hours(1) - seconds(1));
  const auto session = sessions.refresh(last);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->idle, seconds(1));
  TestTime::pass(seconds(1));
  EXPECT_EQ(refresh(session->refresh.text()), "over");
}

TEST_F(SessionsTest, EndWithThePasswordTheRolesOrTheAccount) {
  const auto ends_by = [this](const std::function<void()>& change) {
    store.put("client", "c/1", "ana@example.com", "hash", R"(["cook"])");
    const OpenSession session = open();
    change();
    EXPECT_FALSE(sessions.account_of(caller_of(session)));
    store.put("client", "c/1", "ana@example.com", "hash", R"(["cook"])");
    return refresh(session.refresh.text()) == "over";
  };
  EXPECT_TRUE(ends_by([this] { store.put("client", "c/1", "ana@example.com", "another", R"(["cook"])"); }));
  EXPECT_TRUE(ends_by([this] { store.put("client", "c/1", "ana@example.com", "hash", "[]"); }));
  EXPECT_TRUE(
      ends_by([this] { store.put("client", "c/1", "ana@example.com", "hash", R"(["cook","admin"])"); }));
  EXPECT_TRUE(ends_by([this] { store.remove("client", "c/1"); }));
}

TEST_F(SessionsTest, GoOnUnderAnotherLoginName) {
  const OpenSession session = open();
  store.put("client", "c/1", "ana@other.example", "hash", R"(["cook"])");
  EXPECT_EQ(sessions.account_of(caller_of(session))->login, "ana@other.example");
}

TEST_F(SessionsTest, EndOneByOne) {
  const OpenSession one = open();
  const OpenSession other = open();
  sessions.end(one.refresh.session);
  EXPECT_EQ(refresh(one.refresh.text()), "over");
  EXPECT_FALSE(sessions.account_of(caller_of(one)));
  EXPECT_NE(refresh(other.refresh.text()), "over");
}

TEST_F(SessionsTest, EndAllAtOnceAndNoneThatBeginsLater) {
  const OpenSession one = open();
  const OpenSession other = open();
  sessions.end_all("client/c/1");
  EXPECT_EQ(refresh(one.refresh.text()), "over");
  EXPECT_EQ(refresh(other.refresh.text()), "over");
  const OpenSession later = open();
  TestTime::pass(hours(2) - seconds(1));
  std::string last = refresh(later.refresh.text());
  for (int i = 0; i < 9; ++i) {
    TestTime::pass(hours(1));
    last = refresh(last);
  }
  EXPECT_NE(last, "over") << "what ended the others is remembered longer than it lasts";
}

TEST_F(SessionsTest, ALogOutWinsOverARefreshAtTheSameMoment) {
  const OpenSession session = open();
  sessions.end(session.refresh.session);
  store.races = true;
  EXPECT_EQ(refresh(session.refresh.text()), "over");
  EXPECT_THAT(store.all_notes(), Not(HasSubstr("session:")));
}

TEST_F(SessionsTest, AreKnownByAnyOfTheirTokensToEndThem) {
  const OpenSession session = open();
  const std::string second = refresh(session.refresh.text());
  EXPECT_EQ(sessions.caller_of(second)->principal(), "client/c/1");
  EXPECT_EQ(sessions.caller_of(session.refresh.text())->session, session.refresh.session);
  EXPECT_FALSE(sessions.caller_of(RefreshToken{session.refresh.session, new_refresh_token().secret}.text()));
  EXPECT_FALSE(sessions.caller_of(""));
}

TEST_F(SessionsTest, KeepNoTokenAndNoPassword) {
  const OpenSession session = open();
  sessions.end_all("client/c/2");
  EXPECT_THAT(store.all_notes(), Not(HasSubstr(session.refresh.secret)));
  EXPECT_THAT(store.all_notes(), Not(HasSubstr("hash")));
  EXPECT_THAT(store.all_notes(), Not(HasSubstr("ana@")));
  EXPECT_THAT(store.all_notes(), Not(HasSubstr("c/2")));
}

TEST(RefreshTokens, TheNextOneTakesTheSecretOfTheInstallation) {
  const RefreshToken token = new_refresh_token();
  const RefreshChain chain(kSecret);
  EXPECT_EQ(chain.successor(token).text(), chain.successor(token).text());
  EXPECT_NE(RefreshChain(std::string(32, 't')).successor(token).text(), chain.successor(token).text());
  EXPECT_EQ(parse_refresh_token(chain.successor(token).text())->text(), chain.successor(token).text());
  EXPECT_EQ(chain.steps(token, chain.successor(chain.successor(token)).kept(), 2), 2U);
  EXPECT_EQ(chain.steps(token, chain.successor(chain.successor(token)).kept(), 1), std::nullopt);
  EXPECT_EQ(chain.steps(token, token.kept(), 0), 0U);
}

}  // namespace
}  // namespace comporta
