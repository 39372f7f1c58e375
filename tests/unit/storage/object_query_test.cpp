#include "services/storage/object_query.h"

#include <gtest/gtest.h>

#include "tests/support/batches.h"

namespace comporta {
namespace {

using test::batch_id;
using test::batch_name;
using test::kSomeTime;

PageQuery good(const std::string& query) {
  const auto parsed = parse_page_query("user", query, kSomeTime);
  if (const auto* problem = std::get_if<Problem>(&parsed)) ADD_FAILURE() << problem->detail;
  return std::holds_alternative<PageQuery>(parsed) ? std::get<PageQuery>(parsed) : PageQuery{};
}

TEST(PageQuery, WithoutADateIsToday) {
  const PageQuery page = good("");
  EXPECT_EQ(page.folder, "user/2026/11/22/");
  EXPECT_EQ(page.after, "");
  EXPECT_EQ(page.limit, kDefaultPageObjects);
}

TEST(PageQuery, TakesDateLimitAndCursor) {
  const PageQuery page = good("date=2026-11-22&limit=7&cursor=" + batch_id(3));
  EXPECT_EQ(page.folder, "user/2026/11/22/");
  EXPECT_EQ(page.after, batch_name("user", 3));
  EXPECT_EQ(page.limit, 7U);
  EXPECT_EQ(good("date=2024-02-29").folder, "user/2024/02/29/");
}

TEST(PageQuery, OfAllDaysTheCursorMayBeOfAny) {
  EXPECT_EQ(good("all_days=true").folder, "user/");
  const PageQuery page = good("all_days=true&limit=1&cursor=" + batch_id(3));
  EXPECT_EQ(page.folder, "user/");
  EXPECT_EQ(page.after, batch_name("user", 3));
  for (const auto* bad : {"all_days=1", "all_days=true&date=2026-11-22"})
    EXPECT_TRUE(std::holds_alternative<Problem>(parse_page_query("user", bad, kSomeTime))) << bad;
}

TEST(PageQuery, EmptyValuesAreAsGoodAsNone) {
  EXPECT_EQ(good("date=&cursor=&limit=").folder, "user/2026/11/22/");
}

TEST(PageQuery, ACursorKeepsItsDayAfterMidnight) {
  const auto parsed = parse_page_query("user", "cursor=" + batch_id(3), kSomeTime + std::chrono::hours(24));
  ASSERT_TRUE(std::holds_alternative<PageQuery>(parsed));
  EXPECT_EQ(std::get<PageQuery>(parsed).folder, "user/2026/11/22/");
}

TEST(PageQuery, TheCursorOfAPageIsItsLastBatch) {
  EXPECT_EQ(cursor_after(batch_name("user", 3)), batch_id(3));
}

class BadPageQuery : public testing::TestWithParam<std::string> {};

TEST_P(BadPageQuery, Is400AndSaysWhy) {
  const auto parsed = parse_page_query("user", GetParam(), kSomeTime);
  ASSERT_TRUE(std::holds_alternative<Problem>(parsed));
  EXPECT_EQ(std::get<Problem>(parsed).status, 400);
  EXPECT_NE(std::get<Problem>(parsed).detail, "");
}

INSTANTIATE_TEST_SUITE_P(Each, BadPageQuery,
                         testing::Values("date=2026-11-31", "date=0000-11-30", "date=2026-02-29",
                                         "date=2026-13-01", "date=2026-1-1", "date=22/11/2026",
                                         "date=2026-11-2x", "date=../../../..", "date=+026-11-22", "limit=0",
                                         "limit=1001", "limit=-1", "limit=1e2", "limit=99999999999999999999",
                                         "cursor=abc", "cursor=../x", "limit=1&limit=2", "page=2", "%zz=1",
                                         "date=2026-11-23&cursor=" + batch_id(3)));

TEST(ObjectQuery, TakesAnUploadOrNothing) {
  EXPECT_EQ(std::get<ObjectQuery>(parse_object_query("")).upload, "");
  EXPECT_EQ(std::get<ObjectQuery>(parse_object_query("upload=" + batch_id(1))).upload, batch_id(1));
}

TEST(ObjectQuery, RefusesWhatIsNoUpload) {
  for (const std::string query : {"upload=abc", "upload=1&upload=2", "date=2026-11-22"}) {
    const auto parsed = parse_object_query(query);
    ASSERT_TRUE(std::holds_alternative<Problem>(parsed)) << query;
    EXPECT_EQ(std::get<Problem>(parsed).status, 400) << query;
  }
}

}  // namespace
}  // namespace comporta
