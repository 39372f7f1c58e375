// An S3 server that fails in every way a server can, and the archive that has to get its objects there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "services/storage/archive.h"
#include "services/storage/s3_store.h"
#include "tests/support/batches.h"
#include "tests/support/scripted_server.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using test::batch_id;
using test::batch_name;
using test::ScriptedServer;
using Answer = ScriptedServer::Answer;
using Misdeed = ScriptedServer::Misdeed;

S3Settings settings_for(const std::string& endpoint) {
  return {.endpoint = endpoint,
          .bucket = "bucket",
          .credentials = {.access_key = "key", .secret_key = "the-secret", .region = "us-east-1"},
          .connect_timeout = 1s,
          .request_timeout = 1s};
}

bool is_put_of_object(const std::string& request) {
  return request.starts_with("PUT /bucket/") && !request.starts_with("PUT /bucket/.comporta-trial");
}

/// Answers the puts of objects with these, then with 200; everything else with 200.
class Scripted {
 public:
  explicit Scripted(std::vector<Answer> answers) : answers_(std::move(answers)) {}

  std::vector<std::string> puts() const {
    const std::lock_guard lock(mutex_);
    return puts_;
  }
  std::string endpoint() const { return server_.endpoint(); }

 private:
  Answer answer(const std::string& request) {
    if (!is_put_of_object(request)) return {};
    const std::lock_guard lock(mutex_);
    puts_.push_back(request);
    return puts_.size() <= answers_.size() ? answers_[puts_.size() - 1] : Answer{};
  }

  const std::vector<Answer> answers_;
  mutable std::mutex mutex_;
  std::vector<std::string> puts_;
  ScriptedServer server_{[this](const std::string& request) { return answer(request); }};
};

/// Archives one message; the number of times that it was settled.
std::size_t archive_one(const std::string& endpoint, Metrics& metrics) {
  S3Writer writer(settings_for(endpoint), 4);
  Archive archive(writer, {.puts_in_flight = 4, .retry_first = 1ms, .retry_limit = 5ms}, metrics);
  archive.take({.tag = 1, .message_id = batch_id(1), .type = "user", .body = "{\"part\":1}\n"});
  std::size_t settled = 0;
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (archive.unsettled() > 0 && std::chrono::steady_clock::now() < deadline) {
    settled += archive.work(-1, 50ms).size();
  }
  return settled;
}

std::string header_of(const std::string& request, const std::string& name) {
  const std::size_t begin = request.find("\r\n" + name + ": ");
  if (begin == std::string::npos) return {};
  const std::size_t value = begin + name.size() + 4;
  return request.substr(value, request.find("\r\n", value) - value);
}

class S3Faults : public testing::TestWithParam<std::pair<std::string, Answer>> {};

TEST_P(S3Faults, IsTriedAgainUntilItIsStored) {
  Scripted server({GetParam().second, GetParam().second});
  Metrics metrics;
  EXPECT_EQ(archive_one(server.endpoint(), metrics), 1U);
  const std::vector<std::string> puts = server.puts();
  ASSERT_EQ(puts.size(), 3U);
  for (const std::string& put : puts) {
    EXPECT_TRUE(put.starts_with("PUT /bucket/" + batch_name("user", 1) + " "));
    EXPECT_TRUE(put.ends_with("\r\n\r\n{\"part\":1}\n"));
  }
  EXPECT_NE(metrics.render().find("comporta_store_errors_total 2\n"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Each, S3Faults,
    testing::Values(std::pair{std::string("InternalError"), Answer{.status = 500}},
                    std::pair{std::string("SlowDown"),
                              Answer{.status = 503, .body = "<Error><Code>SlowDown</Code>"}},
                    std::pair{std::string("TooManyRequests"), Answer{.status = 429}},
                    std::pair{std::string("Forbidden"), Answer{.status = 403}},
                    std::pair{std::string("NoSuchBucket"), Answer{.status = 404}},
                    std::pair{std::string("Conflict"), Answer{.status = 409}},
                    std::pair{std::string("PreconditionFailed"), Answer{.status = 412}},
                    std::pair{std::string("Redirect"), Answer{.status = 307}},
                    std::pair{std::string("Reset"), Answer{.misdeed = Misdeed::kReset}},
                    std::pair{std::string("BreakOff"), Answer{.misdeed = Misdeed::kBreakOff}},
                    std::pair{std::string("Stall"), Answer{.misdeed = Misdeed::kStall}}),
    [](const auto& one) { return one.param.first; });

TEST(S3Requests, APutIsSignedWithTheHashOfItsBodyAndCarriesItsMetadata) {
  Scripted server({});
  Metrics metrics;
  EXPECT_EQ(archive_one(server.endpoint(), metrics), 1U);
  ASSERT_EQ(server.puts().size(), 1U);
  const std::string put = server.puts().front();
  const std::string hash = to_hex(sha256("{\"part\":1}\n"));
  EXPECT_EQ(header_of(put, "x-amz-content-sha256"), hash);
  EXPECT_EQ(header_of(put, "x-amz-meta-sha256"), hash);
  EXPECT_EQ(header_of(put, "x-amz-meta-parts"), "1");
  EXPECT_EQ(header_of(put, "content-type"), "application/x-ndjson");
  EXPECT_THAT(header_of(put, "authorization"),
              testing::HasSubstr("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;"
                                 "x-amz-meta-parts;x-amz-meta-sha256,"));
  EXPECT_EQ(header_of(put, "Expect"), "");
  EXPECT_EQ(put.find("the-secret"), std::string::npos);
}

TEST(S3Requests, ABucketElsewhereIsCreatedWithItsRegion) {
  std::string created;
  {
    ScriptedServer server([&](const std::string& request) {
      if (!request.starts_with("PUT /bucket HTTP")) return Answer{.status = 404};
      created = request;
      return Answer{};
    });
    S3Settings settings = settings_for(server.endpoint());
    settings.credentials.region = "sa-east-1";
    S3Writer writer(settings, 1);
    writer.start_prepare(7);
    std::vector<StoreResult> results;
    while (results.empty()) results = writer.poll(-1, 1s);
    EXPECT_EQ(results.front().token, 7U);
    EXPECT_EQ(results.front().fault, std::nullopt);
  }
  EXPECT_TRUE(created.starts_with("PUT /bucket HTTP/1.1\r\n")) << created;
  EXPECT_THAT(created, testing::HasSubstr("<LocationConstraint>sa-east-1</LocationConstraint>"));
}

TEST(S3Requests, AnAnswerWithoutAnEndIsCutOff) {
  const ScriptedServer server(
      [](const std::string&) { return Answer{.body = std::string(std::size_t{9} << 20, 'x')}; });
  EXPECT_THROW((void)S3Reader(settings_for(server.endpoint())).get(batch_name("user", 1)), TransientError);
}

TEST(S3Requests, HalfAnObjectIsNoObject) {
  const ScriptedServer server(
      [](const std::string&) { return Answer{.misdeed = Misdeed::kBreakOff, .body = "half of it"}; });
  EXPECT_THROW((void)S3Reader(settings_for(server.endpoint())).get(batch_name("user", 1)), TransientError);
}

TEST(S3Requests, AReaderDoesNotTryAgainByItself) {
  std::atomic<int> requests = 0;
  const ScriptedServer server([&](const std::string&) {
    ++requests;
    return Answer{.status = 503};
  });
  EXPECT_THROW((void)S3Reader(settings_for(server.endpoint())).get(batch_name("user", 1)), TransientError);
  EXPECT_EQ(requests, 1);
}

TEST(S3Requests, ManyThreadsMayReadAtTheSameTime) {
  const ScriptedServer server([](const std::string&) { return Answer{.body = "x"}; });
  const S3Reader reader(settings_for(server.endpoint()));
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 20; ++j) good += reader.get(batch_name("user", 1)) == "x" ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 80);
}

TEST(S3Requests, NobodyListeningIsAFaultThatNamesTheEndpoint) {
  std::string endpoint;
  {
    const ScriptedServer gone([](const std::string&) { return Answer{}; });
    endpoint = gone.endpoint();
  }
  S3Writer writer(settings_for(endpoint), 1);
  writer.start_prepare(1);
  std::vector<StoreResult> results;
  while (results.empty()) results = writer.poll(-1, 1s);
  ASSERT_TRUE(results.front().fault.has_value());
  EXPECT_THAT(*results.front().fault, testing::HasSubstr(endpoint));
}

}  // namespace
}  // namespace comporta
