// What views fill in.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/cache/redis/people_redis.h"

namespace comporta {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr char kAna[] = "member/ana";

class StampsOfViews : public ::testing::Test {
 protected:
  std::map<std::string, std::string> send(const std::string& members, int at,
                                          std::vector<std::string> roles = {}) {
    return people_.send("ticket", {R"({"id":"t")" + members + "}", kAna, std::move(roles), at});
  }
  std::string ticket() { return people_.record("ticket", "t"); }

  PeopleRedis people_;
};

TEST_F(StampsOfViews, AreBehindWhatWasSentAndGivenToTheNextVersion) {
  send(R"(,"by":"ana","say":"a")", 1'000);
  EXPECT_EQ(ticket(), R"({"by":"ana","say":"a","state":"it is \"open\""})");
  send(R"(,"by":"ana","say":"b","state":"closed")", 2'000, {"admin"});
  EXPECT_EQ(ticket(), R"({"by":"ana","say":"b","state":"closed"})") << "what an admin sends stays";
  send(R"(,"by":"ana","say":"c")", 3'000);
  EXPECT_EQ(ticket(), R"({"by":"ana","say":"c","state":"closed"})");
  send("", 4'000, {"clerk"});
  EXPECT_EQ(ticket(), R"({"state":"closed"})") << "of nothing else, too";
}

TEST_F(StampsOfViews, AreWhatKindYamlSays) {
  EXPECT_THAT(send(R"(,"by":"ana","say":"another")", 1'000),
              Contains(Pair("failed", HasSubstr("no stamp of the views for by"))));
  EXPECT_THAT(send(R"(,"by":"ana","say":"number")", 2'000),
              Contains(Pair("failed", HasSubstr("a stamp must be text: state"))));
  EXPECT_EQ(ticket(), "nothing");
}

}  // namespace
}  // namespace comporta
