// Views whose code reaches for what is not its own, or writes what nobody means.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "services/cache/redis/store.h"
#include "tests/contract/cache/redis/redis_access.h"
#include "tests/support/cache/sample_batches.h"
#include "tests/support/temporary_folder.h"

namespace comporta {
namespace {

using enum PartOutcome;
using ::testing::HasSubstr;

constexpr char kKind[] = R"(titles: {pt: Coisa, en: Thing}
key: id
cache: {fields: [id], ttl: 0s}
labels: {id: {pt: Nome, en: Name}}
views:
  order: ordered
  queries:
    shown: {title: {pt: Tudo, en: All}}
    between: {title: {pt: Entre, en: Between}}
)";
constexpr char kSchema[] = R"({"$schema": "http://json-schema.org/draft-04/schema#", "type": "object",
"additionalProperties": false, "required": ["id"], "properties": {"id": {"type": "string", "minLength": 1}}})";
constexpr char kQueries[] = R"(
local queries = {}
function queries.shown()
  return {value = db.get("value") or null, set = db.ranked("set", {}), list = db.list("list")}
end
function queries.between() return db.ranked("set", {min = db.get("value")}) end
return {apply = apply, queries = queries}
)";

/// A kind `thing` whose apply is given, a `sibling` of its family, and an `other` of another one.
class WilfulViews : public ::testing::Test {
 protected:
  void begin(const std::string& apply) {
    write("thing", "local function apply(record) " + apply + " end" + kQueries);
    for (const char* kind : {"sibling", "other"})
      write(kind, std::string("local function apply() db.set(\"value\", \"own\") end") + kQueries);
    std::vector<std::string> faults;
    kinds_ = KindSet::load(folder_.path(), faults);
    if (!faults.empty()) throw std::runtime_error(faults.front());
    store_ = std::make_unique<RedisStore>(redis_.settings(), make_view_libraries(kinds_, redis_.prefix()));
  }
  PartResult apply(const std::string& kind = "thing", const std::string& records = R"({"id":"a"})") {
    const SamplePart part{.records = records, .received = rfc3339(time_ += std::chrono::milliseconds(1))};
    return store_->apply(sample_group(*kinds_.find(kind), {{.parts = {part}}})).front();
  }
  std::string shown(const std::string& kind = "thing") {
    return store_->query({*kinds_.find(kind), "shown", "{}", time_}).text;
  }
  ViewAnswer between() { return store_->query({*kinds_.find("thing"), "between", "{}", time_}); }
  std::string prefix() const { return redis_.prefix(); }
  /// Of the one part of a begin().
  std::string failure(const std::string& body) {
    begin(body);
    const PartResult result = apply();
    EXPECT_EQ(result.outcome, kFailed) << body;
    return result.reason;
  }

 private:
  void write(const std::string& kind, const std::string& views) {
    std::filesystem::create_directory(folder_.path() / kind);
    std::ofstream(folder_.path() / kind / "kind.yaml")
        << kKind << (kind == "sibling" ? "family: thing\n" : "");
    std::ofstream(folder_.path() / kind / "schema.json") << kSchema;
    std::ofstream(folder_.path() / kind / "views.lua") << views;
  }

  test::TemporaryFolder folder_;
  KindSet kinds_;
  RedisAccess redis_;
  std::unique_ptr<RedisStore> store_;
  WallClock::time_point time_ = WallClock::now();
};

TEST_F(WilfulViews, ARecordIsOnlyRead) {
  for (const char* body : {"record.full_key = 'elsewhere'", "record.kind.names = 'elsewhere:'",
                           "record.fields = {}", "getmetatable(record).__index = function() end",
                           "record.previous.kind.views = ''", "record.sender.has.admin = true",
                           "rawset(record, 'key', 'b') error('as it is: ' .. record.fields.id)"})
    EXPECT_THAT(failure(body), HasSubstr("thing/views.lua:1: ")) << body;
}

TEST_F(WilfulViews, NoOtherFamilysNamesAreReached) {
  begin("pcall(function() record.kind.names = '" + prefix() + ":view:other:' end) db.set('value', 'stolen')");
  apply("other");
  EXPECT_EQ(apply().outcome, kApplied);
  EXPECT_THAT(shown("other"), HasSubstr(R"("value":"own")"));
}

TEST_F(WilfulViews, WhatRedisWouldNotTakeFailsThePartBeforeAnythingIsWritten) {
  for (const char* body :
       {"db.rank('set', null, 1)", "db.rank('set', true, 1)", "db.unrank('set', {})",
        "db.append('list', 1, {keep = 1, ttl = 'soon'})", "db.append('list', 1, {keep = 1, ttl = -5})",
        "db.set('value', 1, math.huge)", "db.set('value', 1, 0)", "error({refused = true})",
        "db.set('value', 1) error({refused = 'no'})",
        "db.set('value', 1) pcall(refuse, 'no') error('half')"}) {
    EXPECT_THAT(failure(body), HasSubstr("views: record 0: ")) << body;
    EXPECT_EQ(shown(), R"({"list":[],"set":[],"value":null})") << body;
  }
}

TEST_F(WilfulViews, ASecondFloorInOnePartTakesOutWhatIsBetweenThem) {
  begin(
      "db.rank('set', 'a', 10) db.rank('set', 'b', 1) db.unrank_below('set', 5) db.unrank_below('set', 15)");
  EXPECT_EQ(apply().outcome, kApplied);
  EXPECT_THAT(shown(), HasSubstr(R"("set":[])"));
}

TEST_F(WilfulViews, ANumberAsANameKeepsItsLastDigit) {
  begin(
      "db.set(1234567890123456, 'a') db.set(1234567890123457, 'b') db.set('value', "
      "db.get(1234567890123456))");
  EXPECT_EQ(apply().outcome, kApplied);
  EXPECT_THAT(shown(), HasSubstr(R"("value":"a")"));
}

TEST_F(WilfulViews, AMemberIsTheSameAsANumberAndAsAText) {
  begin("db.rank('set', '12', 7) db.rank('set', 12, 9) db.set('value', db.score('set', '12'))");
  EXPECT_EQ(apply().outcome, kApplied);
  EXPECT_EQ(shown(), R"({"list":[],"set":[{"member":"12","score":9}],"value":9})");
}

TEST_F(WilfulViews, EachAppendKeepsAsManyAsItSays) {
  begin("db.append('list', 3, {keep = 1}) db.append('list', 4, {keep = 9})");
  apply();
  EXPECT_EQ(apply().outcome, kApplied);
  EXPECT_THAT(shown(), HasSubstr(R"("list":[3,4])"));
}

TEST_F(WilfulViews, AnEndOfARangeIsAScore) {
  for (const char* bound : {"'2'", "2", "'(1'", "'-inf'"}) {
    begin("db.rank('set', 'a', 2) db.set('value', " + std::string(bound) + ")");
    EXPECT_EQ(apply().outcome, kApplied);
    EXPECT_EQ(between().text, R"([{"member":"a","score":2}])") << bound;
  }
  for (const char* bound : {"'soon'", "''", "'('", "true"}) {
    begin("db.set('value', " + std::string(bound) + ")");
    EXPECT_EQ(apply().outcome, kApplied);
    EXPECT_THAT(between().text, HasSubstr("min and max must be scores")) << bound;
  }
}

TEST_F(WilfulViews, WhatOneKindTakesOutOfItsDbOthersStillHave) {
  begin("db.set = nil");
  EXPECT_EQ(apply().outcome, kApplied);
  EXPECT_EQ(apply("sibling").outcome, kApplied);
}

}  // namespace
}  // namespace comporta
