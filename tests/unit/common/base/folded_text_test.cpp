#include "common/base/folded_text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace comporta {
namespace {

std::string folded(std::string_view text) {
  std::string out;
  append_folded(out, text);
  return out;
}

TEST(FoldedText, LooksAlikeAndIsTheSame) {
  for (const auto& [one, other] : {
           std::pair{"Recife, Pernambuco, 120", "recife,  PERNAMBUCO, 120 "},
           {"a b", "\t a \r\n b\v\f"},
           {"São Paulo", "SÃO PAULO"},
           {"S\u00e3o", "Sa\u0303o"},             // one letter, or a letter and its tilde
           {"a\u0323\u0302", "a\u0302\u0323"},    // marks in any order
           {"Rua 12", "Rua １２"},                // full width
           {"ＲＵＡ", "rua"},                     //
           {"n\u00ba 5", "no 5"},                 // the sign of an ordinal
           {"a b", "a\u00a0b"},                   // no-break space
           {"a b", "a\u202f\u2003 b\u3000"},      // narrow, wide and ideographic ones
           {"a b", "a\u2028b"},                   // a line's end
           {"a b", "\u0085a\u1680b"},             //
           {"ab", "a\u200bb"},                    // zero width
           {"ab", "\ufeffa\u00ad\u200d\u2060b"},  // a byte order mark, a soft hyphen, joiners
           {"Straße", "STRASSE"},                 //
           {"ΣΑΣ", "σας"},                        // of the two small sigmas
           {"\ufb01m", "FIM"},                    // a ligature
           {"", " \u200b\u3000\t"},               //
       })
    EXPECT_EQ(folded(one), folded(other)) << one << " and " << other;
}

TEST(FoldedText, LooksDifferentAndIs) {
  for (const auto& [one, other] : {std::pair{"Recife", "Recifé"},
                                   {"a b", "ab"},
                                   {"Rua 1", "Rua 2"},
                                   {"a-b", "a b"},
                                   {"I", "ı"},  // of no language: only Turkish takes them for the same
                                   {"İ", "i"},
                                   {"ö", "oe"}})
    EXPECT_NE(folded(one), folded(other)) << one << " and " << other;
}

TEST(FoldedText, OfAnyTextIsAsLongAsItMayBe) {
  EXPECT_EQ(folded("  A  B "), "a b");
  EXPECT_EQ(folded("  Ã  B "), "ã b");
  EXPECT_EQ(folded("\u1f82"), "\u1f02\u03b9") << "longer";
  const std::string sentence = "\ufdfa";  // one letter, which stands for eighteen
  EXPECT_EQ(folded(sentence), sentence);
  EXPECT_EQ(folded("Ah " + sentence + sentence), "ah " + sentence + sentence);
}

TEST(FoldedText, GoesBehindWhatIsThere) {
  std::string out = "x ";
  append_folded(out, " A");
  append_folded(out, " É ");
  EXPECT_EQ(out, "x aé");
}

TEST(FoldedText, TakesWhatIsNoUtf8AsItIs) {
  EXPECT_EQ(folded("A\xff"), "A\xff");
}

TEST(LowerCase, LeavesAllElseAsItIs) {
  EXPECT_EQ(lower_case(" ÁREA De-1 straße ΣΑΣ İ 😀"), " área de-1 straße σασ i 😀") << "letter by letter";
  EXPECT_EQ(lower_case(""), "");
  EXPECT_EQ(lower_case(lower_case("ǅÀẞ")), lower_case("ǅÀẞ"));
}

TEST(WithoutBlanksAround, TakesAllThatUnicodeCallsSo) {
  EXPECT_EQ(without_blanks_around("\u00a0\t a b\r\n\u3000"), "a b");
  EXPECT_EQ(without_blanks_around("é"), "é");
  for (const char* blank : {"", " ", "\u2003\n", "\u00a0"}) EXPECT_EQ(without_blanks_around(blank), "");
}

}  // namespace
}  // namespace comporta
