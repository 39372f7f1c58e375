#include "common/telemetry/trace.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

// The specification's own example.
const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00f067aa0ba902b7";
const std::string kSampled = "00-" + kTrace + '-' + kParent + "-01";

TEST(Trace, TellsItsId) {
  EXPECT_EQ(trace_id(kSampled), kTrace);
  EXPECT_EQ(trace_id("cc-" + kTrace + '-' + kParent + "-01-what-the-future-brings"), kTrace);
  EXPECT_EQ(trace_id("cc-" + kTrace + '-' + kParent + "-01"), kTrace);
}

TEST(Trace, GoesOnWithANewSpan) {
  for (const auto& [flags, expected] : {std::pair("00", "00"), {"01", "01"}, {"ff", "01"}, {"fe", "00"}}) {
    const std::string next = continue_trace("00-" + kTrace + '-' + kParent + '-' + flags);
    EXPECT_EQ(trace_id(next), kTrace);
    EXPECT_EQ(next.substr(0, 3), "00-");
    EXPECT_NE(next.substr(36, 16), kParent);
    EXPECT_EQ(next.substr(52), std::string("-") + expected);
  }
}

TEST(Trace, StartsAnewWhenMalformed) {
  const std::string bad[] = {
      "",
      "00",
      kSampled.substr(0, 54),
      kSampled + "0",
      kSampled + "-more",                      // version 00 has no more
      "ff-" + kTrace + '-' + kParent + "-01",  // no such version
      "cc-" + kTrace + '-' + kParent + "-01.more",
      "00-" + std::string(32, '0') + '-' + kParent + "-01",
      "00-" + kTrace + '-' + std::string(16, '0') + "-01",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kParent + "-01",
      "00-" + kTrace + '-' + kParent + "-0x",
      "00_" + kTrace + '-' + kParent + "-01",
      "00-" + kTrace + '_' + kParent + "-01",
      "00-" + kTrace + '-' + kParent + "_01",
  };
  for (const std::string& text : bad) {
    EXPECT_EQ(trace_id(text), "") << text;
    const std::string fresh = continue_trace(text);
    EXPECT_EQ(trace_id(fresh).size(), 32u) << text;
    EXPECT_NE(trace_id(fresh), kTrace) << text;
    EXPECT_EQ(fresh.substr(52), "-00") << text;
  }
}

TEST(Trace, TellsItsSpan) {
  EXPECT_EQ(span_id(kSampled), kParent);
  EXPECT_EQ(span_id(kSampled + "0"), "");
  EXPECT_EQ(new_span_id().size(), 16U);
}

TEST(Trace, IsSampledByItsCallerOrByLot) {
  const std::string unsampled = kSampled.substr(0, 53) + "00";
  EXPECT_TRUE(is_sampled(continue_trace(kSampled)));
  EXPECT_TRUE(is_sampled(continue_trace("", {.ratio = 1})));
  EXPECT_FALSE(is_sampled(continue_trace("", {.ratio = 0})));
  EXPECT_FALSE(is_sampled(continue_trace(unsampled, {.ratio = 1}))) << "its caller has decided";
  EXPECT_FALSE(is_sampled(continue_trace(kSampled, {.ratio = 0, .callers_decide = false})));
  EXPECT_TRUE(is_sampled(continue_trace(unsampled, {.ratio = 1, .callers_decide = false})));
  EXPECT_EQ(trace_id(continue_trace(kSampled, {.ratio = 0, .callers_decide = false})), kTrace);
}

TEST(Trace, IsSampledAsOftenAsItIsToBe) {
  int sampled = 0;
  for (int i = 0; i < 10'000; ++i) sampled += is_sampled(continue_trace("", {.ratio = 0.25})) ? 1 : 0;
  EXPECT_NEAR(sampled, 2'500, 300);  // seven standard deviations
}

TEST(Trace, OnlyAWholeOneIsSampled) {
  for (const auto& text : {std::string(), std::string("1"), kSampled.substr(1), kSampled + "1"})
    EXPECT_FALSE(is_sampled(text)) << text;
}

TEST(Trace, NewOnesDiffer) {
  const std::string one = continue_trace("");
  const std::string other = continue_trace("");
  EXPECT_NE(trace_id(one), trace_id(other));
  EXPECT_NE(one.substr(36, 16), other.substr(36, 16));
}

}  // namespace
}  // namespace comporta
