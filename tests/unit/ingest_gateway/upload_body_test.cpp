#include "services/ingest-gateway/upload_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/gzip.h"
#include "tests/tsv.h"

namespace comporta::gateway {
namespace {

using test::gzip;
using ::testing::EndsWith;
using ::testing::HasSubstr;

const std::string kRoot = COMPORTA_SOURCE_DIR;
constexpr std::size_t kMaxBodyBytes = 1'000'000;

bool any_room(std::size_t) {
  return true;
}

HttpRequest request_of(std::string body, const std::string& type, const std::string& encoding = "") {
  HttpRequest request;
  request.body = std::move(body);
  if (!type.empty()) request.headers.emplace_back("content-type", type);
  if (!encoding.empty()) request.headers.emplace_back("content-encoding", encoding);
  return request;
}

HttpRequest request_of(const std::string& folder, const test::Row& row) {
  return request_of(test::read_bytes(folder + "/" + row.at("file")), row.at("content_type"),
                    row.at("content_encoding"));
}

/// As the gateway does: decode, then check.
std::variant<CheckedUpload, Problem> receive(HttpRequest request) {
  static const auto kSchema = [] {
    std::vector<std::string> faults;
    return RecordSchema::compile(test::read_bytes(kRoot + "/kinds/transaction/schema.json"), "schema.json",
                                 faults);
  }();
  auto decoded = decode_upload(request, kMaxBodyBytes, any_room);
  if (auto* problem = std::get_if<Problem>(&decoded)) return std::move(*problem);
  auto& body = std::get<UploadBody>(decoded);
  return check_upload(body.json, body.format, *kSchema, {});
}

TEST(UploadBody, RefusesEveryBadUpload) {
  const std::string folder = kRoot + "/tests/data/bad/uploads";
  for (const test::Row& row : test::read_table(folder + "/expected.tsv")) {
    SCOPED_TRACE(row.at("file"));
    const auto result = receive(request_of(folder, row));
    const auto* problem = std::get_if<Problem>(&result);
    ASSERT_NE(problem, nullptr);
    EXPECT_EQ(std::to_string(problem->status), row.at("status")) << problem->detail;
    EXPECT_EQ(problem->errors.empty() ? "" : problem->errors[0].keyword, row.at("keyword"));
    EXPECT_EQ(problem->errors.empty() ? "" : problem->errors[0].pointer, row.at("pointer"));
    EXPECT_FALSE(problem->title.empty());
    const std::string& said = problem->errors.empty() ? problem->detail : problem->errors[0].detail;
    EXPECT_THAT(said, EndsWith(row.at("says")));
    EXPECT_FALSE(row.at("says").empty()) << said;
  }
}

TEST(UploadBody, AcceptsEveryGoodUpload) {
  const std::string folder = kRoot + "/tests/data/good/uploads";
  for (const test::Row& row : test::read_table(folder + "/expected.tsv")) {
    SCOPED_TRACE(row.at("file"));
    const auto result = receive(request_of(folder, row));
    const auto* problem = std::get_if<Problem>(&result);
    ASSERT_EQ(problem, nullptr) << problem->detail;
    EXPECT_EQ(std::to_string(std::get<CheckedUpload>(result).records.size()), row.at("records"));
  }
}

int status_of_gzip(const std::string& packed) {
  HttpRequest request = request_of(packed, "application/json", "gzip");
  const auto result = decode_upload(request, kMaxBodyBytes, any_room);
  const auto* problem = std::get_if<Problem>(&result);
  return problem != nullptr ? problem->status : 200;
}

TEST(UploadBody, LimitsWhatComesOutOfGzip) {
  EXPECT_EQ(status_of_gzip(gzip(std::string(kMaxBodyBytes, ' '))), 200);
  EXPECT_EQ(status_of_gzip(gzip(std::string(kMaxBodyBytes + 1, ' '))), 413);
  EXPECT_EQ(status_of_gzip(gzip(std::string(500'000, ' ')) + gzip(std::string(500'001, ' '))), 413);
  EXPECT_EQ(status_of_gzip(gzip(std::string(50'000'000, ' '))), 413);
}

/// All that is held at a time is asked for: what came and what has come out of it so far.
TEST(UploadBody, AsksForRoomAsItUnpacks) {
  const std::string packed = gzip(std::string(500'000, ' '));
  std::size_t most = 0;
  HttpRequest request = request_of(packed, "application/json", "gzip");
  decode_upload(request, kMaxBodyBytes, [&](std::size_t bytes) {
    EXPECT_GT(bytes, most) << "asked when it grows";
    most = bytes;
    return true;
  });
  EXPECT_GE(most, packed.size() + 500'000);
  request = request_of(packed, "application/json", "gzip");
  const auto result = decode_upload(request, kMaxBodyBytes,
                                    [&](std::size_t bytes) { return bytes < packed.size() + 200'000; });
  ASSERT_TRUE(std::holds_alternative<Problem>(result));
  EXPECT_EQ(std::get<Problem>(result).status, 503);
}

TEST(UploadBody, AnUnpackedBodyHoldsNoMoreThanItHas) {
  HttpRequest request = request_of(gzip(std::string(70'000, ' ')), "application/json", "gzip");
  auto result = decode_upload(request, kMaxBodyBytes, any_room);
  ASSERT_TRUE(std::holds_alternative<UploadBody>(result));
  EXPECT_EQ(std::get<UploadBody>(result).json.capacity(), 70'000U);
}

TEST(UploadBody, RefusesGzipCutAnywhere) {
  const std::string whole = gzip("[{\"a\":1}]");
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(status_of_gzip(whole.substr(0, size)), 400) << size;
}

TEST(UploadBody, GivesExactlyTheFilesBytes) {
  for (const std::string content : {"", "{}", "\r\n{}\r\n", "--b", "\r\n--", "{}\r\n--a", "\n--b--"}) {
    SCOPED_TRACE(content);
    HttpRequest request = request_of(
        "--bX\r\ncontent-disposition: form-data; filename=a.jsonl\r\n\r\n" + content + "\r\n--bX--\r\n",
        "multipart/form-data; boundary=bX");
    const auto result = decode_upload(request, kMaxBodyBytes, any_room);
    ASSERT_TRUE(std::holds_alternative<UploadBody>(result));
    EXPECT_EQ(std::get<UploadBody>(result).json, content);
    EXPECT_EQ(std::get<UploadBody>(result).format, UploadFormat::kNdjson);
  }
}

TEST(UploadBody, RefusesAFormCutAnywhere) {
  const std::string whole = "--b\r\nContent-Disposition: form-data; filename=\"a.json\"\r\n\r\n{}\r\n--b--";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    HttpRequest request = request_of(whole.substr(0, size), "multipart/form-data; boundary=b");
    const auto result = decode_upload(request, kMaxBodyBytes, any_room);
    ASSERT_TRUE(std::holds_alternative<Problem>(result)) << size;
    EXPECT_EQ(std::get<Problem>(result).status, 400);
  }
}

/// Of each header its value, and of the list in it each entry, wherever it stands.
TEST(UploadBody, KnowsWhatIsEncodedWithoutReadingIt) {
  const auto with = [](const std::string& encoding) {
    return is_encoded(request_of("", "text/csv", encoding));
  };
  for (const char* plain : {"", "identity", " , Identity,"}) EXPECT_FALSE(with(plain)) << plain;
  for (const char* encoded : {"gzip", "x-GZIP", "identity, gzip", "br", "?"})
    EXPECT_TRUE(with(encoded)) << encoded;
  HttpRequest twice = request_of("", "application/json", "identity");
  twice.headers.emplace_back("content-encoding", "gzip");
  EXPECT_TRUE(is_encoded(twice));
}

TEST(UploadBody, HintsAtWhatToSend) {
  HttpRequest request = request_of("{}", "");
  const auto result = decode_upload(request, kMaxBodyBytes, any_room);
  ASSERT_TRUE(std::holds_alternative<Problem>(result));
  EXPECT_THAT(std::get<Problem>(result).detail, HasSubstr("application/json"));
}

TEST(UploadBody, RefusesMalformedTypes) {
  for (const char* type :
       {"application", "application/", "/json", "application/json;;charset", "application/json; charset",
        "application/json; charset=\"utf-8", "application/json; a=1; a=2", "application/json x",
        "application/json, text/csv"}) {
    HttpRequest request = request_of("{}", type);
    const auto result = decode_upload(request, kMaxBodyBytes, any_room);
    ASSERT_TRUE(std::holds_alternative<Problem>(result)) << type;
    EXPECT_EQ(std::get<Problem>(result).status, 415);
  }
}

}  // namespace
}  // namespace comporta::gateway
