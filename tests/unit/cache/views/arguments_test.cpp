#include "services/cache/views/arguments.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

TEST(ReadArguments, SaysInOneWayWhatIsWrongWithAQuery) {
  KindQuery view;
  view.parameters["limit"] = {
      .type = QueryParameter::Type::kCount, .required = false, .fallback = {}, .min = 1, .max = 100};
  for (const auto* query : {"limit", "limit=1&limit=2", "limit=0", "limit=x", "other=1", "limit=%"}) {
    const auto read = read_arguments(view, query);
    ASSERT_TRUE(std::holds_alternative<Problem>(read)) << query;
    EXPECT_EQ(std::get<Problem>(read).status, 400) << query;
    EXPECT_EQ(std::get<Problem>(read).type, "urn:comporta:problem:bad-parameter") << query;
  }
  EXPECT_EQ(std::get<Arguments>(read_arguments(view, "limit=7")).json, R"({"limit":7})");
}

TEST(ReadArguments, FillsInTheCallersKeyAndTellsWhoAsksAboutAnother) {
  KindQuery view;
  QueryParameter& client = view.parameters["client"];
  client.required = client.is_caller = true;
  client.min = 1;
  client.max = 8;
  const auto read = [&](std::string_view query, const std::optional<std::string>& key) -> std::string {
    const auto arguments = read_arguments(view, query, key);
    if (const auto* problem = std::get_if<Problem>(&arguments)) return std::to_string(problem->status);
    const auto& [values, json, of_another] = std::get<Arguments>(arguments);
    EXPECT_TRUE(values.contains("client"));
    return json + (of_another ? " of another" : "");
  };
  EXPECT_EQ(read("", "ana"), R"({"client":"ana"})");
  EXPECT_EQ(read("client=ana", "ana"), R"({"client":"ana"})");
  EXPECT_EQ(read("client=bia", "ana"), R"({"client":"bia"})"
                                       " of another");
  EXPECT_EQ(read("client=bia", {}), R"({"client":"bia"})"
                                    " of another");
  EXPECT_EQ(read("", {}), "400");
  EXPECT_EQ(read("client=", "ana"), "400") << "sent, and empty, is no key";
  EXPECT_EQ(read("", "longer-than-that"), "400");
}

TEST(ReadArguments, ATextMayHaveToBeOneOfSomeWordsAndMayBeFolded) {
  KindQuery view;
  view.parameters["gender"].words = {{"female", "female"}, {"mulher", "female"}, {"male", "male"}};
  view.parameters["name"].folded = true;
  const auto read = [&](std::string_view query) -> std::string {
    const auto arguments = read_arguments(view, query);
    if (const auto* problem = std::get_if<Problem>(&arguments)) return problem->detail;
    return std::get<Arguments>(arguments).json;
  };
  EXPECT_EQ(read("gender=+MULHER+"), R"({"gender":"female"})");
  EXPECT_EQ(read("gender=male&name=JOS%C3%89++Alves"), R"({"gender":"male","name":"josé alves"})");
  EXPECT_EQ(read("gender=other"), "`gender` must be one of female, male.");
  EXPECT_EQ(read("gender="), "`gender` must be one of female, male.");
}

}  // namespace
}  // namespace comporta
