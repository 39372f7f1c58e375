#include "common/kinds/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/kinds/kind.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;

const Words kGenders = {{"female", "female"}, {"mulher", "female"}, {"male", "male"}};

TEST(WordsOfOneMeaning, AreOneHoweverTheyAreWritten) {
  EXPECT_EQ(kept_word(kGenders, " MULHER "), "female");
  EXPECT_EQ(kept_word(kGenders, "Male"), "male");
  EXPECT_EQ(kept_word(kGenders, "man"), std::nullopt);
  EXPECT_EQ(kept_word({}, "male"), std::nullopt);
  EXPECT_THAT(kept_words(kGenders), ElementsAre("female", "male"));
}

TEST(WordsOfOneMeaning, StandBehindAllElseThatIsDoneToAText) {
  EXPECT_EQ(in_form({.words = kGenders}, "mulher"), "female");
  EXPECT_EQ(in_form({.words = kGenders}, " Other "), " Other ");
  EXPECT_EQ(in_form({.lower = true, .words = kGenders}, " Other "), " other ");
  EXPECT_EQ(in_form({.digits = true, .words = {{"1", "one"}}}, "n. 1"), "one");
}

}  // namespace
}  // namespace comporta
