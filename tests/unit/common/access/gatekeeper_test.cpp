#include "common/access/gatekeeper.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace comporta {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;
std::int64_t now = kNow;

WallClock::time_point test_clock() {
  return WallClock::time_point(std::chrono::seconds(now));
}

/// A file of keys in a folder of its own.
class GatekeeperTest : public ::testing::Test {
 protected:
  GatekeeperTest() { now = kNow; }
  ~GatekeeperTest() override { std::filesystem::remove_all(folder); }

  void write(const KeyRing& ring) const {
    const auto fresh = folder / "fresh";
    std::ofstream(fresh) << whole_key_set(ring);
    std::filesystem::rename(fresh, file);
  }
  static HttpRequest with(std::vector<std::string> values) {
    HttpRequest request;
    for (std::string& value : values) request.headers.emplace_back("authorization", std::move(value));
    return request;
  }
  static std::string token(const TokenKey& key, std::string subject = "client/ana") {
    return sign_token({.subject = std::move(subject),
                       .session = "s1",
                       .roles = {"cook"},
                       .id = "t1",
                       .issued = kNow,
                       .expires = kNow + 600,
                       .not_before = kNow},
                      {}, key);
  }
  /// The principal, `nobody`, or the status and title of the refusal.
  static std::string asked(Gatekeeper& keeper, const HttpRequest& request) {
    const auto answer = keeper.caller(request);
    if (const auto* problem = std::get_if<Problem>(&answer))
      return std::to_string(problem->status) + " " + problem->title;
    const auto& caller = std::get<std::optional<Caller>>(answer);
    return caller ? caller->principal() : "nobody";
  }

  static std::filesystem::path new_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "comporta-keys-XXXXXX").string();
    return ::mkdtemp(name.data());
  }

  const std::filesystem::path folder = new_folder();
  const std::filesystem::path file = folder / "keys.json";
  TokenKey key = new_token_key();
  Metrics metrics;
};

TEST_F(GatekeeperTest, KnowsWhoCarriesAToken) {
  write({{key}});
  Gatekeeper keeper({.keys_file = file}, metrics, test_clock);
  EXPECT_EQ(asked(keeper, with({})), "nobody");
  EXPECT_EQ(asked(keeper, with({"Bearer " + token(key)})), "client/ana");
  EXPECT_EQ(asked(keeper, with({"bearer  " + token(key)})), "client/ana");
  EXPECT_EQ(asked(keeper, with({"JWT " + token(key)})), "client/ana");
  const auto answer = keeper.caller(with({"JWT " + token(key)}));
  const Caller caller = *std::get<std::optional<Caller>>(answer);
  EXPECT_EQ(caller.session, "s1");
  EXPECT_TRUE(caller.has_role("cook"));
}

TEST_F(GatekeeperTest, RefusesWhatIsNoTokenOfAnAccount) {
  write({{key}});
  Gatekeeper keeper({.keys_file = file}, metrics, test_clock);
  const std::string good = "Bearer " + token(key);
  for (const auto& values : std::vector<std::vector<std::string>>{{""},
                                                                  {"Bearer"},
                                                                  {"Bearer "},
                                                                  {"Basic dTpw"},
                                                                  {token(key)},
                                                                  {good + "x"},
                                                                  {"Bearer " + std::string(16 * 1024, 'a')},
                                                                  {good, good},
                                                                  {good + ", " + good},
                                                                  {"Bearer " + token(key, "client")},
                                                                  {"Bearer " + token(key, "/ana")},
                                                                  {"Bearer " + token(key, "client/")},
                                                                  {"Bearer " + token(new_token_key())}})
    EXPECT_EQ(asked(keeper, with(values)), "401 Token refused") << values.front();
  EXPECT_NE(metrics.render().find("comporta_tokens_refused_total{reason=\"unknown_key\"} 1"),
            std::string::npos);
}

TEST_F(GatekeeperTest, ATokenThatIsKnownIsOverInTimeAllTheSame) {
  write({{key}});
  Gatekeeper keeper({.keys_file = file}, metrics, test_clock);
  const HttpRequest request = with({"Bearer " + token(key)});
  EXPECT_EQ(asked(keeper, request), "client/ana");
  now = kNow + 659;
  EXPECT_EQ(asked(keeper, request), "client/ana");
  now = kNow + 660;
  EXPECT_EQ(asked(keeper, request), "401 Session over");
}

TEST_F(GatekeeperTest, AKeyThatFollowsIsFoundAndTheOldOneStays) {
  write({{key}});
  Gatekeeper keeper({.keys_file = file}, metrics, test_clock);
  EXPECT_EQ(asked(keeper, with({"Bearer " + token(key)})), "client/ana");
  const TokenKey next = new_token_key();
  write({{next, key}});
  EXPECT_EQ(asked(keeper, with({"Bearer " + token(next, "client/bia")})), "client/bia");
  EXPECT_EQ(asked(keeper, with({"Bearer " + token(key)})), "client/ana");
}

TEST_F(GatekeeperTest, WhoWasKnownByAKeyThatIsGoneIsNotKnownAnyMore) {
  write({{key}});
  Gatekeeper keeper({.keys_file = file}, metrics, test_clock);
  EXPECT_EQ(asked(keeper, with({"Bearer " + token(key)})), "client/ana");
  const TokenKey next = new_token_key();
  write({{next}});
  EXPECT_EQ(asked(keeper, with({"Bearer " + token(next, "client/bia")})), "client/bia");
  EXPECT_EQ(asked(keeper, with({"Bearer " + token(key)})), "401 Token refused");
}

TEST_F(GatekeeperTest, AFileThatCannotBeReadChangesNothing) {
  write({{key}});
  Gatekeeper keeper({.keys_file = file}, metrics, test_clock);
  std::filesystem::remove(file);
  EXPECT_EQ(asked(keeper, with({"Bearer " + token(new_token_key())})), "401 Token refused");
  EXPECT_EQ(asked(keeper, with({"Bearer " + token(key)})), "client/ana");
}

TEST_F(GatekeeperTest, WithoutKeysEveryTokenIsRefused) {
  Gatekeeper keeper({}, metrics, test_clock);
  EXPECT_EQ(asked(keeper, with({"Bearer " + token(key)})), "401 Token refused");
  EXPECT_EQ(asked(keeper, with({})), "nobody");
}

TEST_F(GatekeeperTest, WhatIsOpenTakesALoginWhereTheInstallationIsClosed) {
  const Gatekeeper open({}, metrics, test_clock);
  const Gatekeeper closed({.closed = true}, metrics, test_clock);
  const std::optional<Caller> ana = Caller{.kind = "client", .key = "ana", .roles = {}};
  const AccessRule rule{.anyone = true};
  EXPECT_EQ(permission(open.in_force(rule), {}, std::nullopt), Permission::kYes);
  EXPECT_EQ(permission(closed.in_force(rule), {}, std::nullopt), Permission::kLogIn);
  EXPECT_EQ(permission(closed.in_force(rule), {}, ana), Permission::kYes);
  EXPECT_EQ(closed.unless(Permission::kLogIn)->status, 401);
  EXPECT_EQ(closed.unless(Permission::kNo)->status, 403);
  EXPECT_FALSE(closed.unless(Permission::kIfOwner));
}

}  // namespace
}  // namespace comporta
