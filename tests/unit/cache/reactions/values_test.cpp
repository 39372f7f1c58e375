#include "services/cache/reactions/values.h"

#include <gtest/gtest.h>

#include "common/base/text.h"

namespace comporta {
namespace {

const ReactionValues kValues(R"({"n":7,"half":0.5,"name":"a \"b\" ç","list":[1,"x"],"no":null,"yes":true})",
                             "the-id");

std::string json(std::string_view text) {
  return json_of(pieces_of(text), kValues).value_or("nothing");
}

std::string in_a_url(std::string_view text) {
  return percent_encode(text);
}

TEST(ReactionValues, ATextThatIsANameAloneBecomesTheValueAsItIs) {
  EXPECT_EQ(json("{n}"), "7");
  EXPECT_EQ(json("{half}"), "0.5");
  EXPECT_EQ(json("{list}"), R"([1,"x"])");
  EXPECT_EQ(json("{yes}"), "true");
  EXPECT_EQ(json("{name}"), R"("a \"b\" ç")");
  EXPECT_EQ(json("{id}"), R"("the-id")");
  EXPECT_EQ(json("{none}"), "nothing");
  EXPECT_EQ(json("{no}"), "nothing");
}

TEST(ReactionValues, StandInALongerTextAsText) {
  EXPECT_EQ(json("{n} of {name}"), R"("7 of a \"b\" ç")");
  EXPECT_EQ(json("<{none}>"), R"("<>")");
  EXPECT_EQ(json("{list}!"), R"("[1,\"x\"]!")");
  EXPECT_EQ(json("as it stands"), R"("as it stands")");
}

TEST(ReactionValues, AreEncodedWhereverTheyArePutInButInOnesOwnText) {
  EXPECT_EQ(text_of(pieces_of("/a/{name}?n={n}"), kValues, in_a_url), "/a/a%20%22b%22%20%C3%A7?n=7");
}

TEST(ReactionValues, OfWhichOneIsMissingMakeNoText) {
  for (const char* text : {"/a/{none}", "/a/{no}", "/a/{list}"})
    EXPECT_FALSE(text_of(pieces_of(text), kValues, in_a_url)) << text;
  EXPECT_FALSE(text_of(pieces_of("{x}"), ReactionValues(R"({"x":""})", "i"), in_a_url)) << "an empty one";
}

TEST(ReactionValues, FillAllTextsOfABody) {
  EXPECT_EQ(filled(R"({"a":{"b":["{n}","{none}","x{n}"]},"c":"{none}","d":1,"e":null,"f":"","{n}":"{list}"})",
                   kValues),
            R"({"a":{"b":[7,"x7"]},"d":1,"e":null,"f":"","{n}":[1,"x"]})");
}

TEST(ReactionValues, CannotBreakOutOfABody) {
  const ReactionValues values(R"({"name":"\",\"price\":0,\"x\":\""})", "i");
  EXPECT_EQ(filled(R"({"name":"{name}","longer":"to {name}"})", values),
            R"({"name":"\",\"price\":0,\"x\":\"","longer":"to \",\"price\":0,\"x\":\""})");
}

TEST(ReactionValues, OfWhatIsNoObjectAreNone) {
  EXPECT_EQ(json_of(pieces_of("{id}"), ReactionValues("[1]", "i")), R"("i")");
}

TEST(ReactionValues, AnArgumentCannotTakeThePlaceOfTheId) {
  EXPECT_EQ(json_of(pieces_of("{id}"), ReactionValues(R"({"id":"mine"})", "i")), R"("i")");
}

}  // namespace
}  // namespace comporta
