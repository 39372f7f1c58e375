#include "common/kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tsv.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::filesystem::path kRoot = COMPORTA_SOURCE_DIR;

TEST(KindSet, LoadsTheKindsOfTheProject) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(kRoot / "kinds", faults);
  EXPECT_THAT(faults, ElementsAre());
  const Kind* kind = kinds.find("transaction");
  ASSERT_NE(kind, nullptr);
  EXPECT_EQ(kind->title_pt, "Transação");
  EXPECT_EQ(kind->key, "_id");
  EXPECT_THAT(kind->cache_fields, ElementsAre("cliente", "email", "endereco", "isActive"));
  EXPECT_EQ(kind->ttl.count(), 60);
  EXPECT_EQ(kind->event_time, "datatrasancao");
  EXPECT_EQ(kind->schema, test::read_bytes((kRoot / "kinds/transaction/schema.json").string()));
  ASSERT_FALSE(kind->samples.empty());
  EXPECT_EQ(kind->samples[0].file, "Dados.json");
  EXPECT_THAT(kind->samples[0].content, HasSubstr("\n  \"isActive\""));
  EXPECT_EQ(kinds.find("none"), nullptr);
}

/// Each folder below bad/kinds is a directory of kinds; expected.tsv has its faults, one a row, in order.
TEST(KindSet, RefusesEveryBadKind) {
  const std::filesystem::path folder = kRoot / "tests/data/bad/kinds";
  std::map<std::string, std::vector<test::Row>> expected;
  for (const test::Row& row : test::read_table((folder / "expected.tsv").string()))
    expected[row.at("folder")].push_back(row);
  for (const auto& [name, rows] : expected) {
    SCOPED_TRACE(name);
    std::vector<std::string> faults;
    KindSet::load(folder / name, faults);
    ASSERT_EQ(faults.size(), rows.size()) << testing::PrintToString(faults);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_THAT(faults[i], HasSubstr(rows[i].at("place")));
      EXPECT_THAT(faults[i], HasSubstr(rows[i].at("fault")));
    }
  }
}

TEST(KindSet, RefusesADirectoryWithoutKinds) {
  std::vector<std::string> faults;
  KindSet::load(kRoot / "no-such-folder", faults);
  KindSet::load(kRoot / "tests/data/bad/kinds/empty-schema/thing", faults);
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_THAT(faults[0], HasSubstr("no-such-folder: No such file or directory"));
  EXPECT_THAT(faults[1], HasSubstr("thing: has no folder of a kind in it"));
}

}  // namespace
}  // namespace comporta
