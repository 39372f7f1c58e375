#include "services/cache/redis/record_header.h"

#include <gtest/gtest.h>

#include "common/base/uuid.h"

namespace comporta {
namespace {

class RecordHeaderTest : public ::testing::Test {
 protected:
  const std::string batch_ = new_uuid_v7();
  const std::string upload_ = new_uuid_v7();
  const Group group_ = [this] {
    Group group;
    group.add_batch(batch_);
    group.add_part({.kind = nullptr,
                    .mark = {},
                    .digest = {},
                    .first_record = 0,
                    .record_count = 0,
                    .upload = group.add_text(upload_),
                    .received_ms = 1'732'000'000'123,
                    .number = 12});
    return group;
  }();
  RecordHeader header_{group_, group_.parts[0], batch_};
};

TEST_F(RecordHeaderTest, HasPlacesOfFixedWidth) {
  EXPECT_EQ(header_.of_record(1'700'000'000'000, {}),
            "00017320000001230001700000000000" + batch_ + upload_ + ";12");
  EXPECT_EQ(header_.of_record(std::nullopt, {}),
            "0001732000000123                " + batch_ + upload_ + ";12");
  EXPECT_EQ(header_.of_record(-5, "f00d"), "0001732000000123-000000000000005" + batch_ + upload_ + "f00d;12");
  EXPECT_EQ(header_.of_record(0, {}), "00017320000001230000000000000000" + batch_ + upload_ + ";12")
      << "no fingerprint is left";
}

TEST_F(RecordHeaderTest, IsReadAgain) {
  const std::string cached = std::string(header_.of_record(std::nullopt, "f00d")) + R"({"a":1})";
  EXPECT_EQ(arrival_in(cached), 1'732'000'000'123);
  EXPECT_EQ(fingerprint_in(cached), "f00d");
  EXPECT_EQ(without_header(cached), R"({"a":1})");
}

TEST_F(RecordHeaderTest, TellsWhichCameFirst) {
  const Place place = place_of(group_, group_.parts[0]);
  for (const char* fingerprint : {"", "f00d"})
    for (const char* json : {"", R"({"a":"b;3{"})"})
      EXPECT_EQ(place_in(std::string(header_.of_record(5, fingerprint)) + json), place);
  EXPECT_EQ(place_in("0001732000000123                " + batch_ + upload_ + R"({"a":";7"})"),
            (Place{1'732'000'000'123, upload_, 0}));
  EXPECT_EQ(place_in("0001732000000123                " + batch_ + upload_ + R"([";7"]{"a":1})"),
            (Place{1'732'000'000'123, upload_, 0}));
  EXPECT_LT((Place{1, "b", 2}), (Place{2, "a", 1}));
  EXPECT_LT((Place{1, "a", 2}), (Place{1, "b", 1}));
  EXPECT_LT((Place{1, "a", 9}), (Place{1, "a", 10}));
}

TEST_F(RecordHeaderTest, IsAllThereIsOfADeletion) {
  const std::string header(header_.of_record(std::nullopt, {}));
  EXPECT_TRUE(is_deletion(header));
  EXPECT_FALSE(is_deletion(header + R"({"a":1})"));
  EXPECT_FALSE(is_deletion(R"({"a":1})"));
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
