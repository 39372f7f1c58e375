// Tables at the door: what they are taken for, and what is said of those that are refused.

#include "services/ingest-gateway/csv_upload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/kinds/kind.h"
#include "common/kinds/transforms.h"
#include "tests/support/gzip.h"
#include "tests/tsv.h"

namespace comporta::gateway {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

const std::string kRoot = COMPORTA_SOURCE_DIR;

/// A kind, and what the gateway knows of it.
struct Known {
  explicit Known(const std::string& folder, const std::string& name)
      : kinds(KindSet::load(kRoot + folder, faults)),
        kind(*kinds.find(name)),
        schema(RecordSchema::compile(kind.schema, name, faults)),
        columns(csv_columns_of(kind, *schema)) {}

  std::vector<std::string> faults;
  KindSet kinds;
  const Kind& kind;
  std::shared_ptr<const RecordSchema> schema;
  CsvColumns columns;
};

const Known& person() {
  static const Known known("/tests/data/good/tables", "person");
  return known;
}

struct Taken {
  std::string lines;  ///< of records
  CsvPlaces places;
};

const MayHold kAnyRoom = [](std::size_t) { return true; };

/// As the gateway does.
std::variant<Taken, Problem> receive(HttpRequest request, const Known& known = person(),
                                     CsvLimits limits = {}) {
  if (!limits.may_hold) limits.may_hold = kAnyRoom;
  auto decoded = decode_upload(request, 1'000'000, limits.may_hold);
  if (auto* problem = std::get_if<Problem>(&decoded)) return std::move(*problem);
  auto& body = std::get<UploadBody>(decoded);
  CsvPlaces places;
  if (auto problem = read_csv(body, places, known.columns, limits)) return std::move(*problem);
  const auto told = [&](Problem problem) {
    tell_places(problem, places, known.columns);
    return problem;
  };
  if (auto problem = bring_into_form(Transforms(known.kind.forms), body.json, body.format, limits.upload))
    return told(std::move(*problem));
  auto checked = check_upload(body.json, body.format, *known.schema, limits.upload);
  if (auto* problem = std::get_if<Problem>(&checked)) return told(std::move(*problem));
  Taken taken{{}, std::move(places)};
  for (const RecordSlice& slice : std::get<CheckedUpload>(checked).records)
    taken.lines += (taken.lines.empty() ? "" : " ") + body.json.substr(slice.begin, slice.end - slice.begin);
  return taken;
}

HttpRequest request_of(std::string body, const std::string& type = "text/csv") {
  HttpRequest request;
  request.body = std::move(body);
  request.headers.emplace_back("content-type", type);
  return request;
}

Problem refusal_of(HttpRequest request, const Known& known = person(), CsvLimits limits = {}) {
  auto result = receive(std::move(request), known, std::move(limits));
  auto* problem = std::get_if<Problem>(&result);
  EXPECT_NE(problem, nullptr) << std::get<Taken>(result).lines;
  return problem == nullptr ? Problem{} : std::move(*problem);
}

TEST(CsvUpload, TakesEveryGoodTable) {
  ASSERT_TRUE(person().faults.empty()) << person().faults.front();
  const std::string folder = kRoot + "/tests/data/good/csv/";
  for (const test::Row& row : test::read_table(folder + "expected.tsv")) {
    SCOPED_TRACE(row.at("file"));
    const std::string bytes = test::read_bytes(folder + row.at("file"));
    EXPECT_TRUE(is_csv(request_of(bytes, row.at("content_type"))));
    const auto result = receive(request_of(bytes, row.at("content_type")));
    const auto* problem = std::get_if<Problem>(&result);
    ASSERT_EQ(problem, nullptr) << problem->detail;
    EXPECT_EQ(std::get<Taken>(result).lines, row.at("records"));
  }
}

TEST(CsvUpload, RefusesEveryBadTable) {
  const std::string folder = kRoot + "/tests/data/bad/csv/";
  for (const test::Row& row : test::read_table(folder + "expected.tsv")) {
    SCOPED_TRACE(row.at("file"));
    const Problem problem =
        refusal_of(request_of(test::read_bytes(folder + row.at("file")), row.at("content_type")));
    const RecordFault none{};
    const RecordFault& first = problem.errors.empty() ? none : problem.errors.front();
    const std::size_t line = problem.errors.empty() ? problem.line : first.line;
    EXPECT_EQ(std::to_string(problem.status), row.at("status")) << problem.detail;
    EXPECT_EQ(first.keyword, row.at("keyword"));
    EXPECT_EQ(line == 0 ? "" : std::to_string(line), row.at("line"));
    EXPECT_EQ(first.column_name, row.at("column_name"));
    EXPECT_EQ(problem.errors.empty() ? problem.detail : first.detail, row.at("says"));
  }
}

TEST(CsvUpload, SaysTheFirstFaultInItsDetail) {
  const Problem problem = refusal_of(request_of("cpf,name,Idade\n15350946056,Ana,x\n52998224725,,2\n"));
  EXPECT_EQ(
      problem.detail,
      "2 of 2 records are not valid. First: line 2, column `Idade`: must be a whole number, without a sign "
      "between thousands, such as 1234.");
  ASSERT_EQ(problem.errors.size(), 2U);
  EXPECT_EQ(problem.errors[1].line, 3U);
  EXPECT_EQ(problem.errors[1].index, 1U);
  EXPECT_EQ(problem.errors[1].column_name, "name");
}

TEST(CsvUpload, NamesEveryColumnAndRowThatDoesNotFit) {
  const Problem columns = refusal_of(request_of("cpf,what,name,why\n"));
  ASSERT_EQ(columns.errors.size(), 2U);
  EXPECT_EQ(columns.errors[1].column_name, "why");
  EXPECT_THAT(columns.detail,
              HasSubstr("First: line 1, column `what`: is not a field of this kind, which has `cpf`"));
  std::string rows = "cpf,name\n";
  for (int i = 0; i < 200; ++i) rows += "only one\n";
  const Problem problem = refusal_of(request_of(rows));
  EXPECT_EQ(problem.errors.size(), 100U);
  EXPECT_THAT(problem.detail, HasSubstr("The first 100 faults are listed; there may be more."));
}

TEST(CsvUpload, OfAKindWithAListInEachRecordIsNone) {
  const Known order("/kinds", "order");
  const Problem problem = refusal_of(request_of("id,client\n"), order);
  EXPECT_EQ(problem.status, 415);
  EXPECT_THAT(problem.detail, HasSubstr("each must have `products`, `credit_card`, lists or objects"));
}

TEST(CsvUpload, KeepsToTheLimits) {
  const std::string row = "15350946056,Ana\n";
  const auto status = [&](CsvLimits limits, int rows) {
    std::string table = "cpf,name\n";
    for (int i = 0; i < rows; ++i) table += row;
    const auto result = receive(request_of(std::move(table)), person(), std::move(limits));
    const auto* problem = std::get_if<Problem>(&result);
    return problem == nullptr ? 200 : problem->status;
  };
  EXPECT_EQ(status({.upload = {.max_records = 3}}, 3), 200);
  EXPECT_EQ(status({.upload = {.max_records = 3}}, 4), 413);
  EXPECT_EQ(status({.upload = {.max_record_bytes = 34}}, 1), 200);
  EXPECT_EQ(status({.upload = {.max_record_bytes = 33}}, 1), 413);
  EXPECT_EQ(status({.max_bytes = 70}, 2), 200) << "each record is a line of 35 bytes";
  EXPECT_EQ(status({.max_bytes = 69}, 2), 413);
}

/// All that is held at a time is asked for: the table, and the records that it becomes.
TEST(CsvUpload, AsksForRoomAsItGrows) {
  std::string table = "cpf,name\n";
  for (int i = 0; i < 5'000; ++i) table += "15350946056,Ana\n";
  std::size_t most = 0;
  CsvLimits limits;
  limits.may_hold = [&](std::size_t bytes) {
    EXPECT_GT(bytes, most) << "asked when it grows";
    most = bytes;
    return true;
  };
  ASSERT_TRUE(std::holds_alternative<Taken>(receive(request_of(table), person(), limits)));
  EXPECT_GE(most, table.size() + 5'000 * 35);
  limits.may_hold = [&](std::size_t bytes) { return bytes < table.size() + 5'000 * 35; };
  EXPECT_EQ(refusal_of(request_of(table), person(), limits).status, 503);
  limits.may_hold = [&](std::size_t bytes) { return bytes < 2 * table.size(); };
  EXPECT_EQ(refusal_of(request_of(table, "text/csv; charset=latin1"), person(), limits).status, 503);
}

TEST(CsvUpload, ComesInGzipToo) {
  HttpRequest request = request_of(test::gzip("cpf,name\n15350946056,Ana\n"));
  request.headers.emplace_back("content-encoding", "gzip");
  const auto result = receive(std::move(request));
  ASSERT_TRUE(std::holds_alternative<Taken>(result));
  EXPECT_EQ(std::get<Taken>(result).lines, R"({"cpf":"15350946056","name":"Ana"})");
}

TEST(CsvUpload, IsKnownByItsType) {
  for (const char* type : {"text/csv", " Text/CSV; charset=utf-8"}) EXPECT_TRUE(is_csv(request_of("", type)));
  for (const char* type : {"", "application/json", "Application/x-ndjson", "text/plain", "text/csvx", ";",
                           "multipart/form-data; boundary=b"})
    EXPECT_FALSE(is_csv(request_of("", type))) << type;
}

}  // namespace
}  // namespace comporta::gateway
