#include "services/cache/redis/record_header.h"

#include <gtest/gtest.h>

#include "common/base/uuid.h"

namespace comporta {
namespace {

class RecordHeaderTest : public ::testing::Test {
 protected:
  const std::string batch_ = new_uuid_v7();
  const std::string upload_ = new_uuid_v7();
  RecordHeader header_{1'732'000'000'123, batch_, upload_};
};

TEST_F(RecordHeaderTest, HasPlacesOfFixedWidth) {
  EXPECT_EQ(header_.of_record(1'700'000'000'000, {}), "00017320000001230001700000000000" + batch_ + upload_);
  EXPECT_EQ(header_.of_record(std::nullopt, {}), "0001732000000123                " + batch_ + upload_);
  EXPECT_EQ(header_.of_record(-5, "f00d"), "0001732000000123-000000000000005" + batch_ + upload_ + "f00d");
  EXPECT_EQ(header_.of_record(0, {}), "00017320000001230000000000000000" + batch_ + upload_)
      << "no fingerprint is left";
}

TEST_F(RecordHeaderTest, IsReadAgain) {
  const std::string cached = std::string(header_.of_record(std::nullopt, "f00d")) + R"({"a":1})";
  EXPECT_EQ(arrival_in(cached), 1'732'000'000'123);
  EXPECT_EQ(fingerprint_in(cached), "f00d");
  EXPECT_EQ(without_header(cached), R"({"a":1})");
}

TEST_F(RecordHeaderTest, StandsBeforeFoldedTextsWhichAreNotShown) {
  const std::string cached = std::string(header_.of_record(std::nullopt, "f00d")) + R"(["x"]{"a":1})";
  EXPECT_EQ(fingerprint_in(cached), "f00d");
  EXPECT_EQ(without_header(cached), R"({"a":1})");
}

TEST_F(RecordHeaderTest, NeedNotBeThere) {
  EXPECT_EQ(arrival_in(R"({"a":1})"), std::nullopt);
  EXPECT_EQ(fingerprint_in(R"({"a":1})"), "");
  EXPECT_EQ(without_header(R"({"a":1})"), R"({"a":1})");
}

}  // namespace
}  // namespace comporta
