// One suite, run on every driver. MinIO listens on COMPORTA_TEST_S3_PORT.

#include "services/storage/object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <set>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "services/storage/filesystem_store.h"
#include "services/storage/s3_store.h"
#include "tests/support/batches.h"
#include "tests/support/temporary_folder.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using test::batch_name;

std::string test_endpoint() {
  const char* port = std::getenv("COMPORTA_TEST_S3_PORT");
  if (port == nullptr) throw std::runtime_error("COMPORTA_TEST_S3_PORT must say where MinIO listens");
  return std::string("http://127.0.0.1:") + port;
}

S3Settings test_settings(const std::string& bucket) {
  return {.endpoint = test_endpoint(),
          .bucket = bucket,
          .credentials = {.access_key = "minioadmin", .secret_key = "minioadmin", .region = "us-east-1"}};
}

std::string unique_bucket() {
  return "test-" + new_uuid_v7();
}

/// Takes a bucket away with everything in it, by requests of its own.
void remove_bucket(const S3Settings& settings) {
  S3Client client(settings, 1);
  const auto remove = [&](const std::string& object) {
    client.send({.method = "DELETE",
                 .object = object,
                 .body = std::make_shared<const std::string>(),
                 .body_sha256 = to_hex(sha256(""))});
  };
  for (;;) {
    const S3Listing listing =
        parse_listing(client.send({.method = "GET", .query = {{"list-type", "2"}}}).body);
    for (const StoredObject& object : listing.objects) remove(object.name);
    if (listing.objects.empty()) break;
  }
  remove("");
}

/// A store of a test's own, and the end of it.
struct StoreUnderTest {
  ObjectStore store;
  std::function<void()> remove;  ///< takes the place away that prepare makes
};

StoreUnderTest open_filesystem() {
  const auto folder = std::make_shared<test::TemporaryFolder>();
  const std::filesystem::path root = folder->path() / "objects";
  return {{std::make_unique<FilesystemWriter>(root), std::make_unique<FilesystemReader>(root)},
          [folder, root] { std::filesystem::remove_all(root); }};
}

StoreUnderTest open_s3() {
  const S3Settings settings = test_settings(unique_bucket());
  return {{std::make_unique<S3Writer>(settings, 8), std::make_unique<S3Reader>(settings)},
          [settings] { remove_bucket(settings); }};
}

std::shared_ptr<const NewObject> new_object(const std::string& name, const std::string& body) {
  return std::make_shared<const NewObject>(
      NewObject{.name = name, .body = body, .sha256 = to_hex(sha256(body)), .parts = 1});
}

/// Everything that was started, by token.
std::map<std::uint64_t, std::optional<std::string>> wait_for(ObjectWriter& writer, std::size_t count) {
  std::map<std::uint64_t, std::optional<std::string>> ended;
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (ended.size() < count && std::chrono::steady_clock::now() < deadline) {
    for (const StoreResult& result : writer.poll(-1, 100ms)) {
      EXPECT_TRUE(ended.emplace(result.token, result.fault).second)
          << "token " << result.token << " ended twice";
    }
  }
  EXPECT_EQ(ended.size(), count);
  return ended;
}

struct Driver {
  std::string name;
  StoreUnderTest (*open)();
};

class ObjectStoreTest : public testing::TestWithParam<Driver> {
 protected:
  void SetUp() override {
    under_test = GetParam().open();
    EXPECT_EQ(prepare(), std::nullopt);
  }
  void TearDown() override {
    if (under_test.remove) under_test.remove();
  }

  ObjectWriter& writer() { return *under_test.store.writer; }
  const ObjectReader& reader() { return *under_test.store.reader; }

  std::optional<std::string> prepare() {
    writer().start_prepare(1);
    return wait_for(writer(), 1)[1];
  }
  std::optional<std::string> put(const std::string& name, const std::string& body) {
    writer().start_put(2, new_object(name, body));
    return wait_for(writer(), 1)[2];
  }
  std::vector<std::string> names_of(const ObjectPage& page) {
    std::vector<std::string> names;
    for (const StoredObject& object : page.objects) names.push_back(object.name);
    return names;
  }

  StoreUnderTest under_test;
};

INSTANTIATE_TEST_SUITE_P(On, ObjectStoreTest,
                         testing::Values(Driver{"Filesystem", &open_filesystem}, Driver{"S3", &open_s3}),
                         [](const auto& one) { return one.param.name; });

TEST_P(ObjectStoreTest, GivesBackWhatWasWritten) {
  EXPECT_EQ(put(batch_name("user", 1), "{\"a\":1}\n{\"b\":\"\xC3\xA9\"}\n"), std::nullopt);
  EXPECT_EQ(reader().get(batch_name("user", 1)), "{\"a\":1}\n{\"b\":\"\xC3\xA9\"}\n");
}

TEST_P(ObjectStoreTest, WhatIsNotThereIsNothing) {
  EXPECT_EQ(reader().get(batch_name("user", 1)), std::nullopt);
  EXPECT_EQ(put(batch_name("user", 1), "x"), std::nullopt);
  EXPECT_EQ(reader().get(batch_name("user", 2)), std::nullopt);
}

TEST_P(ObjectStoreTest, WritingTheSameAgainChangesNothing) {
  EXPECT_EQ(put(batch_name("user", 1), "x"), std::nullopt);
  EXPECT_EQ(put(batch_name("user", 1), "x"), std::nullopt);
  EXPECT_EQ(reader().get(batch_name("user", 1)), "x");
  EXPECT_EQ(reader().list("user/2026/11/22/", "", 10).objects.size(), 1U);
}

TEST_P(ObjectStoreTest, PrepareTwiceIsFine) {
  EXPECT_EQ(prepare(), std::nullopt);
}

TEST_P(ObjectStoreTest, PrepareMakesThePlaceAgainAfterItWasRemoved) {
  EXPECT_EQ(put(batch_name("user", 1), "x"), std::nullopt);
  under_test.remove();
  EXPECT_NE(put(batch_name("user", 2), "y"), std::nullopt);
  EXPECT_EQ(prepare(), std::nullopt);
  EXPECT_EQ(put(batch_name("user", 2), "y"), std::nullopt);
  EXPECT_EQ(reader().get(batch_name("user", 2)), "y");
}

TEST_P(ObjectStoreTest, KeepsAnObjectOfOneMebibyte) {
  std::string body(1024 * 1024, 'x');
  for (std::size_t i = 0; i < body.size(); i += 97) body[i] = static_cast<char>(i % 251);
  EXPECT_EQ(put(batch_name("user", 1), body), std::nullopt);
  const auto read = reader().get(batch_name("user", 1));
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(*read == body);
}

TEST_P(ObjectStoreTest, EndsEachOfAHundredWritesInFlightOnce) {
  for (std::uint8_t i = 1; i <= 100; ++i) {
    writer().start_put(i, new_object(batch_name("user", i), "body " + std::to_string(i)));
  }
  for (const auto& [token, fault] : wait_for(writer(), 100)) EXPECT_EQ(fault, std::nullopt) << token;
  for (std::uint8_t i = 1; i <= 100; ++i) {
    EXPECT_EQ(reader().get(batch_name("user", i)), "body " + std::to_string(i));
  }
}

TEST_P(ObjectStoreTest, PollWithNothingToDoReturnsNothing) {
  EXPECT_TRUE(writer().poll(-1, 1ms).empty());
}

TEST_P(ObjectStoreTest, ListsInTheOrderOfNamesWithSizesAndTimes) {
  for (const std::uint8_t number : std::initializer_list<std::uint8_t>{3, 1, 2}) {
    EXPECT_EQ(put(batch_name("user", number), std::string(number, 'x')), std::nullopt);
  }
  const ObjectPage page = reader().list("user/2026/11/22/", "", 10);
  EXPECT_THAT(names_of(page),
              testing::ElementsAre(batch_name("user", 1), batch_name("user", 2), batch_name("user", 3)));
  EXPECT_FALSE(page.more);
  EXPECT_EQ(page.objects.at(2).size_bytes, 3U);
  EXPECT_THAT(page.objects.at(0).stored_at,
              testing::MatchesRegex("20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
                                    "\\.[0-9][0-9][0-9]Z"));
}

TEST_P(ObjectStoreTest, ListsOnlyWhatIsInTheFolder) {
  EXPECT_EQ(put(batch_name("user", 1), "x"), std::nullopt);
  EXPECT_EQ(put(batch_name("user-note", 1), "x"), std::nullopt);
  EXPECT_THAT(names_of(reader().list("user/", "", 10)), testing::ElementsAre(batch_name("user", 1)));
  EXPECT_TRUE(reader().list("user/2026/11/21/", "", 10).objects.empty());
  EXPECT_TRUE(reader().list("nobody/", "", 10).objects.empty());
}

TEST_P(ObjectStoreTest, PagesOfAnySizeShowEveryObjectOnce) {
  std::vector<std::string> all;
  for (std::uint8_t number = 1; number <= 7; ++number) {
    all.push_back(batch_name("user", number));
    EXPECT_EQ(put(all.back(), "x"), std::nullopt);
  }
  for (std::size_t limit = 1; limit <= 8; ++limit) {
    std::vector<std::string> seen;
    ObjectPage page{.objects = {}, .more = true};
    for (int pages = 0; page.more && pages < 10; ++pages) {
      page = reader().list("user/2026/11/22/", seen.empty() ? "" : seen.back(), limit);
      EXPECT_LE(page.objects.size(), limit);
      for (const std::string& name : names_of(page)) seen.push_back(name);
    }
    EXPECT_EQ(seen, all) << "limit " << limit;
  }
}

TEST_P(ObjectStoreTest, APageGoesOnBehindAnObjectThatIsNotThere) {
  for (const std::uint8_t number : std::initializer_list<std::uint8_t>{1, 3, 4})
    EXPECT_EQ(put(batch_name("user", number), "x"), std::nullopt);
  const ObjectPage page = reader().list("user/2026/11/22/", batch_name("user", 2), 1);
  EXPECT_THAT(names_of(page), testing::ElementsAre(batch_name("user", 3)));
  EXPECT_TRUE(page.more);
}

/// Of S3 alone.
class S3StoreTest : public testing::Test {
 protected:
  static std::optional<std::string> prepare(const S3Settings& settings) {
    S3Writer writer(settings, 1);
    writer.start_prepare(1);
    return wait_for(writer, 1)[1];
  }
};

TEST_F(S3StoreTest, WrongCredentialsAreNamedWithoutTheSecret) {
  S3Settings settings = test_settings(unique_bucket());
  settings.credentials.secret_key = "not-the-secret";
  const auto wrong_secret = prepare(settings);
  ASSERT_TRUE(wrong_secret.has_value());
  EXPECT_NE(wrong_secret->find("SignatureDoesNotMatch"), std::string::npos) << *wrong_secret;
  EXPECT_EQ(wrong_secret->find("not-the-secret"), std::string::npos);
  EXPECT_THROW((void)S3Reader(settings).get(batch_name("user", 1)), TransientError);

  settings.credentials.access_key = "nobody";
  const auto wrong_key = prepare(settings);
  ASSERT_TRUE(wrong_key.has_value());
  EXPECT_NE(wrong_key->find("InvalidAccessKeyId"), std::string::npos) << *wrong_key;
}

TEST_F(S3StoreTest, WhatIsWrittenToTryTheBucketIsRemovedAgain) {
  const S3Settings settings = test_settings(unique_bucket());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(prepare(settings), std::nullopt) << "made, and then tried";
  S3Client client(settings, 1);
  const S3Response listing = client.send({.method = "GET", .query = {{"list-type", "2"}}});
  EXPECT_NE(listing.body.find("<KeyCount>0</KeyCount>"), std::string::npos) << listing.body;
  remove_bucket(settings);
}

TEST_F(S3StoreTest, AMissingBucketIsNotAMissingObject) {
  const S3Reader reader(test_settings(unique_bucket()));
  EXPECT_THROW((void)reader.get(batch_name("user", 1)), TransientError);
  EXPECT_THROW((void)reader.list("user/", "", 10), TransientError);
}

TEST_F(S3StoreTest, PagesPassOverWhatIsNoObject) {
  const S3Settings settings = test_settings(unique_bucket());
  EXPECT_EQ(prepare(settings), std::nullopt);
  S3Client client(settings, 1);
  const auto place = [&](const std::string& name, const std::string& method) {
    const int status = client
                           .send({.method = method,
                                  .object = name,
                                  .body = std::make_shared<const std::string>(),
                                  .body_sha256 = to_hex(sha256(""))})
                           .status;
    EXPECT_EQ(status / 100, 2) << name;
  };
  const std::vector<std::string> foreign = {"user/2026/11/22/a & b", "user/2026/11/22/0000<é>",
                                            batch_name("user", 1) + ".bak", "user/2026/11/22/zz"};
  for (const std::string& name : foreign) place(name, "PUT");
  for (const std::uint8_t number : std::initializer_list<std::uint8_t>{1, 2})
    place(batch_name("user", number), "PUT");

  const S3Reader reader(settings);
  const ObjectPage page = reader.list("user/2026/11/22/", "", 1);
  ASSERT_EQ(page.objects.size(), 1U);
  EXPECT_EQ(page.objects[0].name, batch_name("user", 1));
  const ObjectPage rest = reader.list("user/2026/11/22/", batch_name("user", 1), 10);
  ASSERT_EQ(rest.objects.size(), 1U);
  EXPECT_EQ(rest.objects[0].name, batch_name("user", 2));
  EXPECT_FALSE(rest.more);

  for (const std::string& name : foreign) place(name, "DELETE");
  remove_bucket(settings);
}

}  // namespace
}  // namespace comporta
