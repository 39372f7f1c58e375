// The examples of "Authenticating Requests: Using the Authorization Header" in the S3 API reference:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

#include "services/storage/sigv4.h"

#include <gtest/gtest.h>

#include "common/base/digest.h"
#include "common/base/text.h"

namespace comporta {
namespace {

const S3Credentials kExample{.access_key = "AKIAIOSFODNN7EXAMPLE",
                             .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                             .region = "us-east-1"};
constexpr auto kFriday24May2013 = WallClock::time_point(std::chrono::seconds(1'369'353'600));

std::string authorization(SignedRequest request) {
  request.headers["host"] = "examplebucket.s3.amazonaws.com";
  sign(request, kExample, kFriday24May2013);
  return request.headers.at("authorization");
}

std::string expected(const std::string& names, const std::string& signature) {
  return "AWS4-HMAC-SHA256 "
         "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
         names + ",Signature=" + signature;
}

TEST(SigV4, SignsTheExampleOfGetObject) {
  EXPECT_EQ(authorization({.method = "GET",
                           .path = "/test.txt",
                           .headers = {{"range", "bytes=0-9"}},
                           .payload_sha256 = to_hex(sha256(""))}),
            expected("host;range;x-amz-content-sha256;x-amz-date",
                     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

TEST(SigV4, SignsTheExampleOfPutObject) {
  EXPECT_EQ(authorization({.method = "PUT",
                           .path = uri_encode_path("/test$file.text"),
                           .headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                                       {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                           .payload_sha256 = to_hex(sha256("Welcome to Amazon S3."))}),
            expected("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(SigV4, SignsTheExampleOfGetBucketLifecycle) {
  EXPECT_EQ(authorization({.method = "GET",
                           .path = "/",
                           .query = canonical_query({{"lifecycle", ""}}),
                           .headers = {},
                           .payload_sha256 = to_hex(sha256(""))}),
            expected("host;x-amz-content-sha256;x-amz-date",
                     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
}

TEST(SigV4, SignsTheExampleOfListObjects) {
  EXPECT_EQ(authorization({.method = "GET",
                           .path = "/",
                           .query = canonical_query({{"prefix", "J"}, {"max-keys", "2"}}),
                           .headers = {},
                           .payload_sha256 = to_hex(sha256(""))}),
            expected("host;x-amz-content-sha256;x-amz-date",
                     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(SigV4, SaysTheTimeAndTheHashThatItSigned) {
  SignedRequest request{.method = "GET", .path = "/", .headers = {}, .payload_sha256 = "abc"};
  sign(request, kExample, kFriday24May2013);
  EXPECT_EQ(request.headers.at("x-amz-date"), "20130524T000000Z");
  EXPECT_EQ(request.headers.at("x-amz-content-sha256"), "abc");
}

TEST(SigV4, NeverShowsTheSecret) {
  SignedRequest request{.method = "GET", .path = "/", .headers = {}, .payload_sha256 = "abc"};
  sign(request, kExample, kFriday24May2013);
  for (const auto& [name, value] : request.headers) {
    EXPECT_EQ(value.find(kExample.secret_key), std::string::npos) << name;
  }
}

TEST(SigV4, EncodesEverythingButUnreservedCharacters) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a/b c+d=é"), "a%2Fb%20c%2Bd%3D%C3%A9");
  EXPECT_EQ(uri_encode_path("/a b/c"), "/a%20b/c");
}

TEST(SigV4, SortsTheQuery) {
  EXPECT_EQ(canonical_query({{"prefix", "a/b"}, {"list-type", "2"}, {"location", ""}}),
            "list-type=2&location=&prefix=a%2Fb");
  EXPECT_EQ(canonical_query({}), "");
}

}  // namespace
}  // namespace comporta
