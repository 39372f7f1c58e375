#include "common/kinds/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/kinds/kind.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::filesystem::path kRoot = COMPORTA_SOURCE_DIR;

/// What is refused is among the kinds of tests/data/bad/kinds.
class Page : public ::testing::Test {
 protected:
  std::vector<std::string> faults_;
  const KindSet kinds_ = KindSet::load(kRoot / "tests/data/good/kinds", faults_);
  const KindPage& page_ = kinds_.find("visit")->page;
};

TEST_F(Page, IsReadWithItsKind) {
  EXPECT_THAT(faults_, ElementsAre());
  EXPECT_EQ(page_.path, "visits");
  EXPECT_EQ(page_.title_pt, "Visitas");
  EXPECT_EQ(page_.who, (AccessRule{.login = true, .roles = {"clerk"}}));
  EXPECT_THAT(kinds_.find("plain")->page.path, IsEmpty());
}

TEST_F(Page, TellsAllOfATable) {
  EXPECT_THAT(
      page_.panels,
      HasSubstr(
          R"([{"as":"table","title":{"pt":"Todas","en":"All"},"note":{"pt":"R² {r2:percent}","en":"R² {r2:percent}"},)"
          R"("wide":true,"who":["clerk"],"view":"visit/list","with":{"open":"true"},"search":"q","filters":["day"],)"
          R"("choices":{"day":[{"value":"2026-03-01","title":{"pt":"Março","en":"March"}}]},"rows":"visits",)"
          R"("columns":[{"member":"guests","as":"thousands","title":{"pt":"Gente","en":"People"}},)"
          R"({"member":"state","as":"badge","words":{"open":{"pt":"aberta","en":"open"}},"tones":{"open":"warn"}}],)"));
}

TEST_F(Page, TellsWhatCanBeDoneToARow) {
  EXPECT_THAT(
      page_.panels,
      HasSubstr(
          R"("row":{"kind":"visit","key":"id","edit":true,"delete":true,"when":{"state":"open"},)"
          R"("actions":[{"upload":"visit","title":{"pt":"De novo","en":"Again"},)"
          R"("with":{"guests":2,"vip":true,"note":"{note}"}}],)"
          R"("open":[{"as":"number","view":"visit/list","with":{"day":"{day}"},"value":"cents","value_as":"money"}]}})"));
}

TEST_F(Page, LeavesOutWhatIsNotThere) {
  EXPECT_THAT(
      page_.panels,
      HasSubstr(R"({"as":"line","view":"visit/list","with":{"day":"2026-03-01"},"x":"at","y":"score",)"
                R"("x_as":"time","from":0,"to":100},)"));
  EXPECT_THAT(page_.panels,
              HasSubstr(R"({"as":"form","kind":"visit","with":{"guests":3}},{"as":"flags","kind":"visit"},)"
                        R"({"as":"latest","kind":"plain"},{"as":"arrivals"}])"));
}

TEST_F(Page, TellsOfABoardWhatAMoveUploads) {
  EXPECT_THAT(
      page_.panels,
      HasSubstr(R"("column":"state","columns":["open","done"],"words":{"open":{"pt":"aberta","en":"open"}},)"
                R"("card":["guests"],"formats":{"guests":"minutes"},"tones":{"open":"warn"},)"
                R"("next":{"open":"done"},"large":true,"sound":true,)"
                R"("move":{"upload":"visit","with":{"guests":"{guests}"},)"
                R"("ask":["vip"],"to":"note"}})"));
}

TEST_F(Page, TellsOfStepsWhatEachOfThemHas) {
  EXPECT_THAT(
      page_.panels,
      HasSubstr(
          R"({"as":"steps","view":"visit/list","with":{"day":"2026-03-01"},"key":"q","column":"state",)"
          R"("words":{"open":{"pt":"aberta","en":"open"}},"over":["done"],)"
          R"("begin":{"upload":"visit","title":{"pt":"Entrar","en":"Come in"},"with":{"guests":2}},)"
          R"("steps":[{"when":["open"],"title":{"pt":"Aqui","en":"Here"},)"
          R"("note":{"pt":"{guests} pessoas","en":"{guests} people"},)"
          R"("panels":[{"as":"number","view":"visit/list","with":{"day":"{day}"},"value":"guests",)"
          R"("words":{"a":{"pt":"A","en":"A"}}}],)"
          R"("actions":[{"upload":"visit","with":{"guests":"{guests}"}}]},{"when":["done","gone"]}]})"));
}

TEST(PageOfLookups, TellsWhatIsLookedUpAndWithWhat) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(kRoot / "tests/data/lookups", faults);
  EXPECT_THAT(faults, IsEmpty()) << "what is the caller's own need not be given";
  EXPECT_THAT(kinds.find("sale")->page.panels, HasSubstr(R"("lookup":"sale/rate","with":{"code":"usd"})"));
}

}  // namespace
}  // namespace comporta
