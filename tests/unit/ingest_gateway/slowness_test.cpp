#include "services/ingest-gateway/slowness.h"

#include <gtest/gtest.h>

namespace comporta::gateway {
namespace {

using namespace std::chrono_literals;

class SlownessTest : public testing::Test {
 protected:
  /// `batches` of 100 small uploads, each upload for so much of the processor.
  void take(int batches, std::chrono::nanoseconds each) {
    for (int i = 0; i < batches; ++i) slowness.went_out(100, 0, used += 100 * each);
  }

  Slowness slowness;
  std::chrono::nanoseconds used{0};
};

TEST_F(SlownessTest, StaysAtOneWhereUploadsCostWhatIsExpected) {
  take(50, 20us);
  EXPECT_DOUBLE_EQ(slowness.factor(), 1);
  take(50, 5us);
  EXPECT_DOUBLE_EQ(slowness.factor(), 1) << "gaps do not get shorter on a faster machine";
}

TEST_F(SlownessTest, ComesToWhatUploadsCostAndGoesBack) {
  take(50, 80us);
  EXPECT_NEAR(slowness.factor(), 4, 0.1);
  take(50, 20us);
  EXPECT_NEAR(slowness.factor(), 1, 0.1);
}

TEST_F(SlownessTest, OneSlowMomentIsNotAllOfIt) {
  take(50, 20us);
  used += 1s;
  take(2, 20us);
  EXPECT_LT(slowness.factor(), 4);
}

TEST_F(SlownessTest, HasABound) {
  take(100, 1ms);
  EXPECT_LE(slowness.factor(), 8);
}

TEST_F(SlownessTest, ExpectsMoreOfLargeUploads) {
  for (int i = 0; i < 50; ++i) slowness.went_out(1, 1 << 20, used += 3ms + 20us);
  EXPECT_NEAR(slowness.factor(), 1, 0.01);
}

}  // namespace
}  // namespace comporta::gateway
