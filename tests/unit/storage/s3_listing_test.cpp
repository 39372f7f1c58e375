#include <gtest/gtest.h>

#include "services/storage/s3_store.h"
#include "tests/support/batches.h"

namespace comporta {
namespace {

using test::batch_name;

std::string entry(const std::string& key) {
  return "<Contents><Key>" + key +
         "</Key><LastModified>2026-11-22T14:03:06.001Z</LastModified><ETag>&#34;x&#34;</ETag><Size>512</Size>"
         "<StorageClass>STANDARD</StorageClass></Contents>";
}

std::string listing(const std::string& content) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>" +
         content + "</ListBucketResult>";
}

TEST(S3Listing, ReadsEveryEntry) {
  const S3Listing result = parse_listing(listing(
      "<IsTruncated>false</IsTruncated>" + entry(batch_name("user", 1)) + entry(batch_name("user", 2))));
  ASSERT_EQ(result.objects.size(), 2U);
  EXPECT_EQ(result.objects[0].name, batch_name("user", 1));
  EXPECT_EQ(result.objects[1].name, batch_name("user", 2));
  EXPECT_EQ(result.objects[1].size_bytes, 512U);
  EXPECT_EQ(result.objects[1].stored_at, "2026-11-22T14:03:06.001Z");
  EXPECT_EQ(result.continuation, "");
}

TEST(S3Listing, DoesNotSeeWhatIsNoObject) {
  const S3Listing result =
      parse_listing(listing(entry("user/notes.txt") + entry(batch_name("user", 1)) + entry("a&amp;b")));
  ASSERT_EQ(result.objects.size(), 1U);
  EXPECT_EQ(result.objects[0].name, batch_name("user", 1));
}

TEST(S3Listing, GivesTheTokenOnlyWhenThereIsMore) {
  const std::string token = "<NextContinuationToken>abc==</NextContinuationToken>";
  EXPECT_EQ(parse_listing(listing("<IsTruncated>true</IsTruncated>" + token)).continuation, "abc==");
  EXPECT_EQ(parse_listing(listing("<IsTruncated>false</IsTruncated>" + token)).continuation, "");
}

TEST(S3Listing, TakesAnythingWithoutHarm) {
  const std::string whole = listing("<IsTruncated>true</IsTruncated>" + entry(batch_name("user", 1)));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_LE(parse_listing(whole.substr(0, size)).objects.size(), 1U) << size;
  }
  EXPECT_TRUE(parse_listing("").objects.empty());
  EXPECT_TRUE(parse_listing("<Contents></Contents>").objects.empty());
}

}  // namespace
}  // namespace comporta
