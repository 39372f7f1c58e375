#include "common/csv/list.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

std::string plain(const std::string& column) {
  return column;
}

/// Behind the byte order mark; fails the test if there is none.
std::string csv(std::string_view answer, const std::vector<std::string>& order = {}) {
  const auto list = csv_of_list(answer, order, plain);
  EXPECT_TRUE(list && list->text.starts_with("\xEF\xBB\xBF")) << answer;
  return list ? list->text.substr(3) : "";
}

TEST(CsvOfList, HasARowForEachEntryAndAColumnForEachMember) {
  EXPECT_EQ(csv(R"({"cursor":"0;b","rows":[{"id":"a","n":1},{"id":"b","m":true},{"n":null,"id":"c"}]})"),
            "id,n,m\r\na,1,\r\nb,,true\r\nc,,\r\n");
  EXPECT_EQ(csv(R"([{"b":1,"a":2,"key":3}])", {"key", "a"}), "key,a,b\r\n3,2,1\r\n");
  EXPECT_EQ(csv(R"({"days":["2024-03-11","2024-03-12"]})"), "days\r\n2024-03-11\r\n2024-03-12\r\n");
}

TEST(CsvOfList, OfAnEmptyListIsEmpty) {
  EXPECT_EQ(csv(R"({"rows":[]})"), "");
}

TEST(CsvOfList, IsNothingWhereThereIsNotOneList) {
  for (const char* answer : {R"({"a":1})", R"({"a":[],"b":[]})", "5", "null", "", R"({"a":{"b":[]}})"})
    EXPECT_FALSE(csv_of_list(answer, {}, plain)) << answer;
}

TEST(CsvOfList, KeepsTheCursor) {
  EXPECT_EQ(csv_of_list(R"({"cursor":"0;b","rows":[]})", {}, plain)->cursor, "0;b");
  EXPECT_EQ(csv_of_list(R"({"rows":[]})", {}, plain)->cursor, "");
}

TEST(CsvOfList, QuotesWhatWouldBeReadOtherwise) {
  EXPECT_EQ(csv(R"({"r":[{"a":"x,y"},{"a":"x;y"},{"a":"\"x\""},{"a":"x\r\ny"},{"a":" x "},{"a":""}]})"),
            "a\r\n\"x,y\"\r\n\"x;y\"\r\n\"\"\"x\"\"\"\r\n\"x\r\ny\"\r\n x \r\n\r\n");
}

/// OWASP, CSV Injection: none of these may be read as a formula.
TEST(CsvOfList, LetsNoTextBeAFormula) {
  EXPECT_EQ(
      csv(R"({"r":[{"=a":"=1+1"},{"=a":"+55 11"},{"=a":"-1"},{"=a":"@x"},{"=a":"\t=1"},{"=a":"\r=1"}]})"),
      "'=a\r\n'=1+1\r\n'+55 11\r\n'-1\r\n'@x\r\n\"'\t=1\"\r\n\"'\r=1\"\r\n");
  EXPECT_EQ(csv(R"j({"r":[{"a":"=HYPERLINK(\"x\",\"y\")"},{"a":"\n=1"},{"a":"＝1"},{"a":"a=1"}]})j"),
            "a\r\n\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n\"'\n=1\"\r\n'＝1\r\na=1\r\n");
}

TEST(CsvOfList, LeavesNumbersNumbers) {
  EXPECT_EQ(csv(R"({"r":[{"a":-1},{"a":59.33879326552118},{"a":9007199254740992},{"a":1e-7},{"a":-0.5}]})"),
            "a\r\n-1\r\n59.33879326552118\r\n9007199254740992\r\n1e-7\r\n-0.5\r\n");
}

TEST(CsvOfList, WritesWhatIsWithinAsJson) {
  EXPECT_EQ(csv(R"({"r":[{"a":{"b":[1,"x"]}},{"a":[]}]})"), "a\r\n\"{\"\"b\"\":[1,\"\"x\"\"]}\"\r\n[]\r\n");
}

}  // namespace
}  // namespace comporta
