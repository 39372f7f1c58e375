// Lists page by page: nothing hangs on whether what was shown last is still there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "common/base/text.h"
#include "common/json/rapid.h"
#include "common/kinds/views.h"
#include "tests/contract/cache/redis/note_store.h"

namespace comporta {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

constexpr char kKind[] = "ordered";

struct Page {
  std::vector<std::string> names;
  std::string cursor;
};

class Paging : public ::testing::TestWithParam<bool> {
 protected:
  void apply(const std::string& records, const std::string& action = {}) {
    base_ += std::chrono::milliseconds(1);
    notes_.apply(kKind, {{.parts = {{.records = records, .action = action, .received = rfc3339(base_)}}}});
  }
  static std::string note(const std::string& key, const std::string& say) {
    return "{\"id\":" + json_string(key) + ",\"say\":" + say + "}";
  }
  void remove(const std::string& key) { apply("{\"id\":" + json_string(key) + "}", "delete"); }

  Page page(const std::string& query, const std::string& cursor, int limit) {
    std::string arguments = R"({"group":"p","limit":)" + std::to_string(limit) +
                            ",\"descending\":" + (GetParam() ? "true" : "false");
    if (!cursor.empty()) arguments += ",\"cursor\":" + json_string(cursor);
    const std::string text = notes_.ask(kKind, query, arguments + "}");
    rapidjson::Document json;
    json.Parse(text.c_str(), text.size());
    Page page;
    const bool refused = query == "refused";
    for (const auto& entry : json[refused ? "records" : "entries"].GetArray())
      page.names.emplace_back(entry[refused ? "key" : "member"].GetString());
    if (json.HasMember("cursor")) page.cursor = json["cursor"].GetString();
    return page;
  }

  /// All pages, and not many more.
  std::vector<std::string> list(const std::string& query, std::size_t most) {
    return list_and(query, most, [](const std::string&) {});
  }
  /// What was shown is deleted before the next page is asked for.
  std::vector<std::string> list_and_delete(const std::string& query, std::size_t most) {
    return list_and(query, most, [this](const std::string& name) { remove(name); });
  }
  std::vector<std::string> list_and(const std::string& query, std::size_t most,
                                    const std::function<void(const std::string&)>& then) {
    std::vector<std::string> names;
    Page next;
    do {
      next = page(query, next.cursor, 3);
      names.insert(names.end(), next.names.begin(), next.names.end());
      for (const std::string& name : next.names) then(name);
    } while (!next.cursor.empty() && names.size() <= most);
    return names;
  }

  NoteStore notes_;
  WallClock::time_point base_ = WallClock::now();
};

/// In the order of their bytes, which is not that of any language.
const std::vector<std::string> kNames = {"p--",  "p-1", "p-B",   "p-a", "p-a-1",
                                         "p-a1", "p-b", "p-c;d", "p-ç", "p-😀"};

TEST_P(Paging, OfEntriesWithOneScoreGoesOnWhereItWasThoughTheyAreGone) {
  std::string records;
  for (const std::string& name : kNames) records += (records.empty() ? "" : ",") + note(name, "7");
  apply(records);
  std::vector<std::string> expected = kNames;
  if (GetParam()) std::reverse(expected.begin(), expected.end());
  EXPECT_THAT(list("page", kNames.size()), ElementsAreArray(expected));
  EXPECT_THAT(list_and_delete("page", kNames.size()), ElementsAreArray(expected));
  EXPECT_TRUE(page("page", "", 3).names.empty());
}

TEST_P(Paging, GoesOnBetweenScores) {
  const std::vector<std::string> scores = {"-1.5e15", "-3", "-3", "0",    "1e-05",
                                           "0.1",     "7",  "7",  "1e15", "3e15"};
  std::string records;
  for (std::size_t i = 0; i < kNames.size(); ++i) records += (i == 0 ? "" : ",") + note(kNames[i], scores[i]);
  apply(records);
  std::vector<std::string> expected = kNames;
  if (GetParam()) std::reverse(expected.begin(), expected.end());
  EXPECT_THAT(list("page", kNames.size()), ElementsAreArray(expected));
  EXPECT_THAT(list_and_delete("page", kNames.size()), ElementsAreArray(expected));
}

TEST_P(Paging, OfTheRefusedGoesOnToo) {
  std::string records;
  for (const std::string& name : kNames)
    records += (records.empty() ? "" : ",") + std::string(R"({"id":)") + json_string(name) +
               R"(,"say":1,"needs":"tag/never"})";
  apply(records);
  std::vector<std::string> expected = kNames;
  std::reverse(expected.begin(), expected.end());
  EXPECT_THAT(list("refused", kNames.size()), ElementsAreArray(expected));
  EXPECT_THAT(list_and_delete("refused", kNames.size()), ElementsAreArray(expected));
}

TEST_P(Paging, EveryCursorThatIsHandedOutIsTaken) {
  const std::string longest = "p-" + std::string(1'022, '"');
  apply(note(longest, "-2.2250738585072014e-308"));
  apply(note("p-" + std::string(1'022, '!'), "-2.2250738585072014e-308"));
  const Page first = page("page", "", 1);
  EXPECT_EQ(first.cursor.size(), static_cast<std::size_t>(kMaxCursorBytes));
  EXPECT_TRUE(fits(cursor_parameter(), first.cursor));
  EXPECT_EQ(page("page", first.cursor, 1).names.size(), 1U);
}

TEST_P(Paging, AMemberBeyondTheLongestIsAnError) {
  const auto results = notes_.apply(kKind, {{.parts = {{.records = note(std::string(1'025, 'p'), "1")}}}});
  EXPECT_THAT(results.front().reason, HasSubstr("a member has at most 1024 bytes"));
}

TEST_P(Paging, ACursorThatWasNotHandedOutIsABadArgument) {
  for (const char* cursor : {"x", "7", "nan;a", "x;a", ";a"})
    EXPECT_EQ(notes_.ask(kKind, "page", R"({"group":"p","cursor":")" + std::string(cursor) + "\"}"), "cursor")
        << cursor;
}

INSTANTIATE_TEST_SUITE_P(Directions, Paging, ::testing::Bool(),
                         [](const auto& row) { return row.param ? "Descending" : "Ascending"; });

}  // namespace
}  // namespace comporta
