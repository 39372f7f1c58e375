#include "common/broker/lz4_frame.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace comporta {
namespace {

constexpr std::size_t kNoLimit = std::size_t{1} << 30;

std::string lines(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i)
    text += R"({"id":"tx-)" + std::to_string(i) + R"(","amount":"12.50"})";
  text.resize(size);
  return text;
}

std::string noise(std::size_t size) {
  std::mt19937 random(7);
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

TEST(Lz4Frame, TextsOfEverySizeComeBackAsTheyWere) {
  constexpr std::size_t kBlock = 64 * 1024;
  for (const std::size_t size : {std::size_t{1}, std::size_t{12}, std::size_t{4'096}, kBlock - 1, kBlock,
                                 kBlock + 1, std::size_t{1} << 20, std::size_t{5'000'000}}) {
    for (const std::string& text : {lines(size), noise(size), std::string(size, 'x')}) {
      const auto back = text_of_lz4_frame(lz4_frame_of(text), size);
      ASSERT_TRUE(back) << size;
      EXPECT_TRUE(*back == text) << size;
    }
  }
}

TEST(Lz4Frame, LinesGetShorter) {
  EXPECT_LT(lz4_frame_of(lines(1 << 20)).size(), std::size_t{1 << 20} / 2);
}

TEST(Lz4Frame, MoreThanTheLimitIsNotUnpacked) {
  const std::string frame = lz4_frame_of(lines(10'000));
  EXPECT_TRUE(text_of_lz4_frame(frame, 10'000));
  EXPECT_FALSE(text_of_lz4_frame(frame, 9'999));
}

TEST(Lz4Frame, OnlyOneWholeFrameIsTaken) {
  const std::string frame = lz4_frame_of(lines(10'000));
  EXPECT_FALSE(text_of_lz4_frame("", kNoLimit));
  EXPECT_FALSE(text_of_lz4_frame(lines(10'000), kNoLimit));
  EXPECT_FALSE(text_of_lz4_frame(frame + '\0', kNoLimit));
  EXPECT_FALSE(text_of_lz4_frame(frame + frame, kNoLimit));
  for (std::size_t size = 0; size < frame.size(); ++size)
    EXPECT_FALSE(text_of_lz4_frame(std::string_view(frame).substr(0, size), kNoLimit)) << size;
}

// `lz4` writes no size into a frame unless it is told to; made by `printf x | lz4 -c`.
TEST(Lz4Frame, AFrameThatDoesNotNameItsSizeIsNotTaken) {
  constexpr std::string_view kUnsized("\x04\x22\x4d\x18\x64\x40\xa7\x01\0\0\x80x\0\0\0\0\xea\x30\xc4\x2e",
                                      20);
  EXPECT_FALSE(text_of_lz4_frame(kUnsized, kNoLimit));
}

// The size is checked by the header's own sum, and nothing past the size is ever made.
TEST(Lz4Frame, AnyDamageIsAtMostAnotherTextOfTheSameSize) {
  const std::string text = lines(10'000);
  const std::string frame = lz4_frame_of(text);
  for (std::size_t at = 0; at < frame.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = frame;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      const auto back = text_of_lz4_frame(damaged, kNoLimit);
      if (back) {
        EXPECT_EQ(back->size(), text.size());
      }
    }
  }
}

}  // namespace
}  // namespace comporta
