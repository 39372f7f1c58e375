#include "services/cache/apply/part_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cache/sample_batches.h"
#include "tests/support/escaped.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

constexpr std::string_view kUpload = "01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e0f";

std::string line_with(std::string_view records, std::string_view more = {}) {
  return R"({"upload":")" + std::string(kUpload) +
         R"(","part":2,"parts":3,"received":"2026-11-22T14:03:05.123Z",)" + std::string(more) +
         R"("records":[)" + std::string(records) + "]}";
}

class PartLine : public ::testing::Test {
 protected:
  PartLine() { group.add_batch("batch"); }

  std::string fault_of(std::string_view line) { return reader.read(line, group).value_or(""); }

  std::vector<std::pair<std::string, std::string>> records() const {
    std::vector<std::pair<std::string, std::string>> all;
    for (const Record& record : group.records) all.emplace_back(group.at(record.key), group.at(record.value));
    return all;
  }

  Kind kind = sample_kind();
  PartReader reader{kind};
  Group group;
};

TEST_F(PartLine, KeepsTheKindsFieldsOfEachRecordAsTheyCame) {
  const auto line = line_with(
      R"({"_id":"a","email" : "x\u0040y" , "cliente":{"n":[1, 2.50e3,null]},"other":[{"_id":"no"}]},{"_id":"b"})");
  EXPECT_EQ(fault_of(line), "");
  EXPECT_THAT(records(), ElementsAre(Pair("a", R"({"cliente":{"n":[1, 2.50e3,null]},"email":"x\u0040y"})"),
                                     Pair("b", "{}")));
  ASSERT_EQ(group.parts.size(), 1U);
  EXPECT_EQ(group.at(group.parts[0].mark), std::string(kUpload) + ":2");
  EXPECT_EQ(group.at(group.parts[0].digest), "");
  EXPECT_EQ(group.parts[0].record_count, 2U);
  EXPECT_EQ(group.batches[0].part_count, 1U);
}

/// A list is read past the parser up to the first record that is not flat: with such a one in front all of it
/// goes through the parser.
TEST_F(PartLine, FlatRecordsAreReadAsAllAreWhateverByteIsWhere) {
  const std::string good = R"({"_id":"a","email":"\u00e9","cliente":null} , {"cliente":-1.5,"_id":"b"})";
  const std::string bytes = "\t \"\\{}[],:019-.eu\x1f\x80";
  const auto expect_same = [this](const std::string& changed) {
    group.clear();
    group.add_batch("batch");
    const bool quick_fault = reader.read(line_with(changed), group).has_value();
    const auto quickly = records();
    group.clear();
    group.add_batch("batch");
    const bool fault = reader.read(line_with(R"({"_id":"deep","x":{}},)" + changed), group).has_value();
    auto slowly = records();
    if (!slowly.empty()) slowly.erase(slowly.begin());
    EXPECT_EQ(quick_fault, fault) << changed;
    EXPECT_EQ(quickly, slowly) << changed;
  };
  expect_same(good);
  for (std::size_t at = 0; at < good.size(); ++at) {
    expect_same(std::string(good).erase(at, 1));
    for (const char byte : bytes) {
      std::string changed = good;
      changed[at] = byte;
      expect_same(changed);
      expect_same(std::string(good).insert(at, 1, byte));
    }
  }
  for (const std::string& records :
       {good + ",", good + ",,{}", good + " " + good, "{}," + good, good + ",1," + good})
    expect_same(records);
}

TEST_F(PartLine, KeepsNumbersThatNoMachineTypeHolds) {
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a","email":123456789012345678901234567890.10,"cliente":1e300})")),
            "");
  EXPECT_THAT(records(),
              ElementsAre(Pair("a", R"({"cliente":1e300,"email":123456789012345678901234567890.10})")));
}

TEST_F(PartLine, DecodesKeys) {
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a\"\\\n\u00e7\ud83d\ude00 :é"})")), "");
  EXPECT_THAT(records(), ElementsAre(Pair("a\"\\\nç😀 :é", "{}")));
}

TEST_F(PartLine, AKeyMayBeAFieldToo) {
  kind.cache_fields = {"_id"};
  PartReader other(kind);
  EXPECT_EQ(other.read(line_with(R"({"_id": "a\u0062"})"), group), std::nullopt);
  EXPECT_THAT(records(), ElementsAre(Pair("ab", R"({"_id":"a\u0062"})")));
}

TEST_F(PartLine, FieldsOfOneRecordDoNotLeakIntoTheNext) {
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a","email":"x"},{"_id":"b","cliente":true})")), "");
  EXPECT_THAT(records(), ElementsAre(Pair("a", R"({"email":"x"})"), Pair("b", R"({"cliente":true})")));
}

TEST_F(PartLine, ReadsTheDigestOfAKeyedUpload) {
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a"})", R"("digest":")" + kDigestA + R"(",)")), "");
  EXPECT_EQ(group.at(group.parts[0].digest), kDigestA);
}

TEST_F(PartLine, MembersUnknownToItDoNotMatter) {
  const std::string nested = R"("x":[{"_id":1,"records":[{}]}],"y":{"records":[{"_id":"no"}],"upload":1},)";
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a"})", nested)), "");
  EXPECT_THAT(records(), ElementsAre(Pair("a", "{}")));
}

TEST_F(PartLine, ReadsManyLinesIntoOneGroup) {
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a"})")), "");
  group.add_batch("other");
  EXPECT_EQ(fault_of(line_with(R"({"_id":"b"},{"_id":"c"})")), "");
  ASSERT_EQ(group.parts.size(), 2U);
  EXPECT_EQ(group.records_of(group.parts[1]).size(), 2U);
  EXPECT_EQ(group.parts_of(group.batches[1]).size(), 1U);
  EXPECT_EQ(group.at(group.records_of(group.parts[1])[0].key), "b");
}

TEST_F(PartLine, ReadsWhoSentItAndItsPlaceInTheUpload) {
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a"})", R"("principal":"","first":1000,)")), "");
  EXPECT_EQ(group.at(group.parts[0].principal), "");
  EXPECT_EQ(group.at(group.parts[0].roles), "");
  EXPECT_EQ(group.parts[0].number, 2U);
  EXPECT_EQ(group.parts[0].parts, 3U);
  EXPECT_EQ(group.parts[0].first, 1000U);
  const auto by_ana =
      R"("principal":"client\u002fan/a \u00e7","roles":[ "admin","a\"b"],"first":0,"digest":")" + kDigestA +
      R"(",)";
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a","roles":["x"],"principal":"no"})", by_ana)), "");
  EXPECT_EQ(group.at(group.parts[1].principal), "client/an/a ç");
  EXPECT_EQ(group.at(group.parts[1].roles), R"(["admin","a\"b"])");
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a"})", R"("roles":[],)")), "");
  EXPECT_EQ(group.at(group.parts[2].roles), "");
}

TEST_F(PartLine, ReadsTheTraceOfWhatIsSampledAndOfNothingElse) {
  const std::string start = R"("traceparent":)";
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0";
  const std::string zeros = "00-" + std::string(32, '0') + "-b7ad6b7169203331-01";
  for (const std::string& value :
       {'"' + trace + "1\"", '"' + trace + "0\"", std::string(R"("")"), '"' + zeros + '"', std::string("1"),
        std::string("null"), std::string("[{}]")})
    EXPECT_EQ(fault_of(line_with(R"({"_id":"a"})", start + value + ',')), "") << value;
  EXPECT_EQ(group.at(group.parts[0].trace), trace + "1");
  for (std::size_t i = 1; i < group.parts.size(); ++i) EXPECT_EQ(group.at(group.parts[i].trace), "") << i;
}

TEST_F(PartLine, WhatNamesNoSenderAsTheyAreNamedIsNoPart) {
  for (const auto& [more, fault] : std::vector<std::pair<std::string, std::string>>{
           {R"("principal":null,)", "wrong type"},
           {R"("principal":["client/ana"],)", "wrong type"},
           {R"("principal":"ana",)", "principal is malformed"},
           {R"("principal":"/ana",)", "principal is malformed"},
           {R"("principal":"client/",)", "principal is malformed"},
           {R"("principal":"Client/ana",)", "principal is malformed"},
           {R"("roles":"admin",)", "wrong type"},
           {R"("roles":{"admin":1},)", "wrong type"},
           {R"("roles":[1],)", "role is not text"},
           {R"("roles":[["admin"]],)", "role is not text"},
           {R"("roles":[{"a":"admin"}],)", "role is not text"},
           {R"("first":"1",)", "wrong type"},
           {R"("first":-1,)", "first record is not a number"},
           {R"("first":1.5,)", "first record is not a number"},
           {R"("first":99999999999999999999,)", "first record is not a number"}}) {
    EXPECT_THAT(fault_of(line_with(R"({"_id":"a"})", more)), HasSubstr(fault)) << more;
    EXPECT_TRUE(group.parts.empty() && group.records.empty()) << more;
  }
}

TEST_F(PartLine, OfAnAccountsPasswordNothingStandsAnywhereElse) {
  kind.account = {"email", "password", "roles", {}};
  kind.views_lua = "return {apply = function() end}";
  kind.views.fields = {"cliente"};
  kind.views.folded = {"email"};
  PartReader accounts(kind);
  const std::string flat = R"({"_id":"a","email":"A@b","cliente":1,"password":"s3cret\u0021"})";
  const std::string deep = R"({"roles":["x"],"password":"s3cret","other":[{"password":"no"}],"_id":"b"})";
  ASSERT_EQ(accounts.read(line_with(flat + "," + deep + R"(,{"_id":"c"})"), group), std::nullopt);
  EXPECT_EQ(group.at(group.records[0].account), R"({"login":"A@b","password":"s3cret\u0021"})");
  EXPECT_EQ(group.at(group.records[1].account), R"({"password":"s3cret","roles":["x"]})");
  EXPECT_EQ(group.at(group.records[2].account), "{}");
  for (const Record& record : group.records)
    for (const Slice& other : {record.key, record.value, record.viewed, record.fingerprint, record.folded})
      EXPECT_THAT(std::string(group.at(other)), Not(HasSubstr("s3cret")));
}

TEST_F(PartLine, ReadsWhatAPartTakesAway) {
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a"})")), "");
  EXPECT_FALSE(group.parts[0].deletes);
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a"})", R"("action":"delete",)")), "");
  EXPECT_TRUE(group.parts[1].deletes);
  EXPECT_EQ(group.at(group.records_of(group.parts[1])[0].key), "a");
}

TEST_F(PartLine, ReadsWhoseAndWhenAPartIs) {
  EXPECT_EQ(fault_of(line_with(R"({"_id":"a"})")), "");
  EXPECT_EQ(group.at(group.parts[0].upload), kUpload);
  EXPECT_EQ(group.parts[0].received_ms, 1'795'356'185'123);
}

class ViewedPartLine : public PartLine {
 protected:
  ViewedPartLine() {
    viewed.views_lua = "return {}";
    viewed.views.fields = {"when", "email"};
    viewed.event_time = "when";
  }

  const Record& read(std::string_view record) {
    PartReader own(viewed);
    EXPECT_EQ(own.read(line_with(record), group), std::nullopt);
    return group.records.back();
  }

  Kind viewed = sample_kind();
};

TEST_F(ViewedPartLine, HasItsOwnFieldsBesideThoseOfTheCache) {
  const Record record = read(R"({"_id":"a","cliente":1,"email":[2],"when":"x","other":3})");
  EXPECT_EQ(group.at(record.value), R"({"cliente":1,"email":[2]})");
  EXPECT_EQ(group.at(record.viewed), R"({"when":"x","email":[2]})");
  viewed.views.fields = viewed.cache_fields;
  EXPECT_EQ(group.at(read(R"({"_id":"a","cliente":1})").viewed), "") << "the cache's own are not sent twice";
}

TEST_F(ViewedPartLine, HasAFingerprintOfWhatIsComparedAsItIsWritten) {
  EXPECT_EQ(group.at(read(R"({"_id":"a","cliente":1})").fingerprint), "") << "these views do not compare";
  viewed.views.compares = {"cliente", "when"};
  const auto fingerprint = [&](std::string_view record) {
    return std::string(group.at(read(record).fingerprint));
  };
  // Half of the SHA-256 of {"cliente":1,"when":"x"}
  const std::string kOfBoth = "0a239e720eb7abee2d457b7aa802fe13";
  EXPECT_EQ(fingerprint(R"({"_id":"a","cliente":1,"when":"x"})"), kOfBoth);
  EXPECT_EQ(fingerprint(R"({"when": "x", "email":2, "cliente" : 1, "_id":"b"})"), kOfBoth);
  EXPECT_NE(fingerprint(R"({"_id":"a","cliente":1.0,"when":"x"})"), kOfBoth);
  EXPECT_NE(fingerprint(R"({"_id":"a","cliente":1})"), kOfBoth);
  EXPECT_EQ(fingerprint(R"({"_id":"a"})").size(), 32u);
}

TEST_F(ViewedPartLine, HasFoldedTextsInFrontOfItsFieldsWhichStayAsTheyCame) {
  viewed.views.folded = {"email", "cliente"};
  const auto value = [&](std::string_view record) {
    return std::string(group.folded_and_value(read(record)));
  };
  EXPECT_EQ(value(R"({"_id":"a","cliente":" ANA  Lu","email":"A\u0042 \""})"),
            R"(["ab \"","ana lu"]{"cliente":" ANA  Lu","email":"A\u0042 \""})");
  EXPECT_EQ(value(R"({"_id":"a","cliente":"{ÉÉ}"})"), R"([null,"\u007béé}"]{"cliente":"{ÉÉ}"})");
  EXPECT_EQ(value(R"({"_id":"a","cliente":"{a","email":["{"]})"),
            R"([null,"\u007ba"]{"cliente":"{a","email":["{"]})");
  EXPECT_EQ(value(R"({"_id":"a"})"), "[null,null]{}");
}

TEST_F(ViewedPartLine, IsComparedByItsFoldedTexts) {
  viewed.views.compares = {"cliente", "when"};
  viewed.views.folded = {"cliente"};
  const auto fingerprint = [&](std::string_view record) {
    return std::string(group.at(read(record).fingerprint));
  };
  const std::string one = fingerprint(R"({"_id":"a","cliente":"São Paulo","when":"x"})");
  EXPECT_EQ(fingerprint(R"({"_id":"a","cliente":" S\u00c3O  PAULO","when":"x"})"), one);
  EXPECT_NE(fingerprint(R"({"_id":"a","cliente":"São Paulo","when":"X"})"), one) << "only what is folded";
  EXPECT_NE(fingerprint(R"({"_id":"a","cliente":"Sao Paulo","when":"x"})"), one);
  EXPECT_NE(fingerprint(R"({"_id":"a","when":"x"})"), one) << "nothing is left of the record before";
}

TEST_F(ViewedPartLine, HasItsEventTimeIfThatIsATime) {
  EXPECT_EQ(read(R"({"_id":"a","when":"2024-03-11T12:00:00 +00:00"})").event_time_ms, 1'710'158'400'000);
  for (const char* none : {R"({"_id":"a"})", R"({"_id":"a","when":null})", R"({"_id":"a","when":"soon"})",
                           R"({"_id":"a","when":["2024-03-11T12:00:00Z"]})", R"({"_id":"a","when":""})",
                           R"({"_id":"a","when":"0001-01-01T00:00:00+01:00"})"})
    EXPECT_EQ(read(none).event_time_ms, std::nullopt) << none;
}

/// In a list that is read past the parser, and behind a record that needs it.
TEST_F(ViewedPartLine, ReadsKeysAndTimesAlikeHoweverTheyAreSpelled) {
  const std::string record = R"({"_id":"ação","email":"a@b","when":"2024-03-11T12:00:00 +00:00"})";
  const std::string time_alone =
      R"({"_id":"ação","email":"a@b","when":"\u0032024-03-11T12\u003a00:00 \u002b00:00"})";
  for (const std::string& spelled : {record, time_alone, test::escaped(record)}) {
    for (const std::string& before : {std::string(), std::string(R"({"_id":"deep","x":{}},)")}) {
      const Record& got = read(before + spelled);
      EXPECT_EQ(group.at(got.key), "ação") << spelled;
      EXPECT_EQ(got.event_time_ms, 1'710'158'400'000) << before << spelled;
      EXPECT_THAT(group.at(got.viewed), HasSubstr("\"email\":\"")) << spelled;
    }
  }
}

struct BadLine {
  std::string name;
  std::string line;
  std::string fault;
};

std::string list_of(std::size_t count, const std::string& record) {
  std::string list = record;
  while (--count > 0) list += "," + record;
  return list;
}

std::vector<BadLine> bad_lines() {
  const std::string u = R"("upload":")" + std::string(kUpload) + R"(",)";
  const std::string good = R"({"_id":"a"})";
  return {
      {"empty", "", "not well-formed JSON at byte 0"},
      {"truncated", line_with(good).substr(0, 60), "not well-formed JSON"},
      {"trailing", line_with(good) + "x", "not well-formed JSON"},
      {"nul_behind", line_with(good) + std::string(1, '\0') + "x", "a byte that JSON cannot hold"},
      {"nul_in_text", line_with("{\"_id\":\"a" + std::string(1, '\0') + "\"}"),
       "a byte that JSON cannot hold"},
      {"utf8", line_with("{\"_id\":\"\xff\"}"), "a byte that JSON cannot hold"},
      {"lone_surrogate", line_with(R"({"_id":"\ud800"})"), "not well-formed JSON"},
      {"deep_array", std::string(200'000, '['), "not an object"},
      {"deep_record", line_with(R"({"_id":"a","x":)" + std::string(200'000, '[')), "nested too deeply"},
      {"deep_object", "{\"x\":" + std::string(200'000, '['), "nested too deeply"},
      {"scalar", "42", "not an object"},
      {"no_upload", R"({"part":1,"records":[]})", "the upload is missing"},
      {"bad_upload", R"({"upload":"x","part":1,"records":[]})", "the upload is not a UUIDv7"},
      {"upload_type", R"({"upload":7,"part":1,"records":[]})", "wrong type"},
      {"upload_object", R"({"upload":{},"part":1,"records":[]})", "wrong type"},
      {"no_part", "{" + u + R"("records":[]})", "the part is missing"},
      {"part_zero", "{" + u + R"("part":0,"records":[]})", "the part is not a number from 1"},
      {"part_fraction", "{" + u + R"("part":1.5,"records":[]})", "the part is not a number from 1"},
      {"part_negative", "{" + u + R"("part":-1,"records":[]})", "the part is not a number from 1"},
      {"part_huge", "{" + u + R"("part":99999999999999999999,"records":[]})",
       "the part is not a number from 1"},
      {"part_beyond", "{" + u + R"("part":3,"parts":2,"received":"2026-11-22T14:03:05.123Z","records":[]})",
       "there are not so many parts"},
      {"parts_negative", "{" + u + R"("part":1,"parts":-1,"records":[]})", "the part is not a number from 1"},
      {"parts_text", "{" + u + R"("part":1,"parts":"1","records":[]})", "wrong type"},
      {"part_text", "{" + u + R"("part":"1","records":[]})", "wrong type"},
      {"digest_short", line_with(good, R"("digest":"ab",)"), "the digest is malformed"},
      {"digest_case", line_with(good, R"("digest":")" + std::string(64, 'A') + R"(",)"),
       "the digest is malformed"},
      {"digest_null", line_with(good, R"("digest":null,)"), "wrong type"},
      {"action_unknown", line_with(good, R"("action":"sell",)"), "the action is unknown"},
      {"action_number", line_with(good, R"("action":1,)"), "wrong type"},
      {"received_missing", "{" + u + R"("part":1,"records":[]})", "the time of receipt is missing"},
      {"received_number", "{" + u + R"("part":1,"received":1,"records":[]})", "wrong type"},
      {"received_text", "{" + u + R"("part":1,"received":"noon","records":[]})",
       "the time of receipt is malformed"},
      {"no_records", "{" + u + R"("part":1,"received":"2026-11-22T14:03:05.123Z"})",
       "the records are missing"},
      {"records_null", "{" + u + R"("part":1,"records":null})", "wrong type"},
      {"records_object", "{" + u + R"("part":1,"records":{}})", "wrong type"},
      {"records_none", line_with(""), "there are no records"},
      {"records_none_deleted", line_with("", R"("action":"delete",)"), "there are no records"},
      {"records_too_many", line_with(list_of(kMaxPartRecords + 1, good)), "more records than a part has"},
      {"records_twice", "{" + u + R"("part":1,"records":[],"records":[]})", "wrong type"},
      {"record_scalar", line_with(good + ",7"), "record 1 is not an object"},
      {"record_array", line_with(good + ",[]"), "record 1 is not an object"},
      {"no_key", line_with(good + "," + good + R"(,{"cliente":"a"})"), "record 2 has no key"},
      {"empty_key", line_with(R"({"_id":""})"), "record 0 has no key"},
      {"key_null", line_with(R"({"_id":null})"), "record 0 has a key that is not text"},
      {"key_number", line_with(R"({"_id":7})"), "record 0 has a key that is not text"},
      {"key_object", line_with(R"({"_id":{"a":"b"}})"), "record 0 has a key that is not text"},
      {"nested_key", line_with(R"({"cliente":{"_id":"a"}})"), "record 0 has no key"},
  };
}

class BadPartLine : public PartLine, public ::testing::WithParamInterface<BadLine> {};

TEST_P(BadPartLine, IsRefusedWithAReasonAndLeavesNothing) {
  ASSERT_EQ(fault_of(line_with(R"({"_id":"before"})")), "");
  const std::string text = group.text;
  EXPECT_THAT(fault_of(GetParam().line), ::testing::StartsWith("malformed part: "));
  EXPECT_THAT(fault_of(GetParam().line), HasSubstr(GetParam().fault));
  EXPECT_EQ(group.text, text);
  EXPECT_EQ(group.parts.size(), 1U);
  EXPECT_EQ(group.batches[0].part_count, 1U);
  EXPECT_THAT(records(), ElementsAre(Pair("before", "{}")));
  EXPECT_EQ(fault_of(line_with(R"({"_id":"after"})")), "") << "the reader is of use afterwards";
}

TEST_P(BadPartLine, IsNotQuoted) {
  std::string line = GetParam().line;
  const std::string secret = "segredo";
  if (const auto at = line.find("\"a\""); at != std::string::npos) line.replace(at + 1, 1, secret);
  EXPECT_THAT(fault_of(line), Not(HasSubstr(secret)));
}

INSTANTIATE_TEST_SUITE_P(Rows, BadPartLine, ::testing::ValuesIn(bad_lines()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace comporta
