#include "common/kinds/hooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/kinds/kind.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Where = HookSource::Where;

/// What is refused is among the kinds of tests/data/bad/kinds.
TEST(KindHook, IsReadAsItStands) {
  std::vector<std::string> faults;
  const KindSet kinds =
      KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "tests/data/hooks", faults);
  EXPECT_THAT(faults, IsEmpty());
  const KindHook& notice = kinds.find("notice")->hook.value();
  EXPECT_EQ(notice.scheme, SignatureScheme::kMercadoPago);
  EXPECT_EQ(notice.demand, KindHook::Demand::kIfPresent);
  EXPECT_THAT(notice.secrets, ElementsAre("notice_secret", "notice_secret_before"));
  EXPECT_EQ(notice.window, std::chrono::seconds(300));
  EXPECT_EQ(notice.answer, 200);
  ASSERT_EQ(notice.record.size(), 3U);
  EXPECT_EQ(notice.record[0].name, "topic") << "in their order: what is above may be put in below";
  EXPECT_THAT(notice.record[1].sources,
              ElementsAre(HookSource{Where::kQuery, "data.id"}, HookSource{Where::kQuery, "id"}));
  EXPECT_THAT(notice.record[2].text, ElementsAre(TextPiece{"", "topic"}, TextPiece{"-", "resource"}));
  const KindHook& event = kinds.find("event")->hook.value();
  EXPECT_EQ(event.demand, KindHook::Demand::kRequired);
  EXPECT_EQ(event.window, std::chrono::minutes(10));
  EXPECT_THAT(event.record[0].sources, ElementsAre(HookSource{Where::kHeader, "webhook-id"}));
  EXPECT_THAT(event.record[1].sources, ElementsAre(HookSource{Where::kBody, "/type"}));
  EXPECT_THAT(event.record[5].text, ElementsAre(TextPiece{"outside", ""}));
  EXPECT_EQ(event.answer, 201);
  const KindHook& ping = kinds.find("ping")->hook.value();
  EXPECT_EQ(ping.demand, KindHook::Demand::kOff);
  EXPECT_THAT(ping.secrets, IsEmpty());
}

TEST(KindHook, IsNotThereWhereNoneIsDeclared) {
  std::vector<std::string> faults;
  const KindSet kinds =
      KindSet::load(std::filesystem::path(COMPORTA_SOURCE_DIR) / "tests/data/good/kinds", faults);
  EXPECT_FALSE(kinds.find("plain")->hook.has_value());
}

}  // namespace
}  // namespace comporta
