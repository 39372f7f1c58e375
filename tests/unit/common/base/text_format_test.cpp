#include "common/base/text_format.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/utf8.h"

namespace comporta {
namespace {

TEST(TextFormat, Email) {
  for (const char* good :
       {"a@b", "clientefulanoo@example.com", "a.b+c_d-e!#$%&'*/=?^`{|}~@x-1.example.co", "A@1.2"})
    EXPECT_TRUE(has_format(good, TextFormat::kEmail)) << good;
  for (const char* bad : {"", "@", "a@", "@b", "a", "a b@c", "a@b c", "a@b@c", "a@-b", "a@b-", "a@b..c",
                          "a@.b", "a@b.", "é@b", "a@é", "\"a\"@b", "a@b\n", "<a@b>"})
    EXPECT_FALSE(has_format(bad, TextFormat::kEmail)) << bad;
  EXPECT_TRUE(has_format(std::string(64, 'a') + "@b", TextFormat::kEmail));
  EXPECT_FALSE(has_format(std::string(65, 'a') + "@b", TextFormat::kEmail));
  EXPECT_FALSE(has_format("a@" + std::string(64, 'b'), TextFormat::kEmail));
}

TEST(TextFormat, DateTime) {
  for (const char* good : {"2024-03-11T12:00:00Z", "2024-03-11t12:00:00z", "2024-02-29T23:59:60+23:59",
                           "0001-01-01T00:00:00-00:00", "2024-03-11T12:00:00.123456789Z"}) {
    EXPECT_TRUE(has_format(good, TextFormat::kDateTime)) << good;
    EXPECT_TRUE(has_format(good, TextFormat::kDateTimeSpaced)) << good;
  }
  for (const char* bad : {"",
                          "2024-03-11",
                          "2024-03-11T12:00:00",
                          "2024-3-11T12:00:00Z",
                          "2023-02-29T12:00:00Z",
                          "2024-13-01T00:00:00Z",
                          "2024-00-01T00:00:00Z",
                          "2024-01-00T00:00:00Z",
                          "2024-04-31T00:00:00Z",
                          "2024-03-11T24:00:00Z",
                          "2024-03-11T12:60:00Z",
                          "2024-03-11T12:00:61Z",
                          "2024-03-11T12:00:00.Z",
                          "2024-03-11T12:00:00.1234567890Z",
                          "2024-03-11T12:00:00+24:00",
                          "2024-03-11T12:00:00+0000",
                          "2024-03-11T12:00:00 ",
                          "2024-03-11 12:00:00Z",
                          "2024-03-11T12:00:00  +00:00",
                          "2024-03-11T12:00:00Z ",
                          " 2024-03-11T12:00:00Z"}) {
    EXPECT_FALSE(has_format(bad, TextFormat::kDateTime)) << bad;
    EXPECT_FALSE(has_format(bad, TextFormat::kDateTimeSpaced)) << bad;
  }
  EXPECT_TRUE(has_format("2024-03-11T12:00:00 +00:00", TextFormat::kDateTimeSpaced));
  EXPECT_FALSE(has_format("2024-03-11T12:00:00 +00:00", TextFormat::kDateTime));
}

TEST(Utf8, FindsTheFirstUnfitByteWhereverItIs) {
  for (const std::string& bad :
       {std::string(1, '\0'), std::string("\x1f"), std::string("\x80"), std::string("\xc0\xaf"),
        std::string("\xc3"), std::string("\xe0\x9f\xbf"), std::string("\xed\xa0\x80"),
        std::string("\xf0\x8f\xbf\xbf"), std::string("\xf4\x90\x80\x80"), std::string("\xff"),
        std::string("\xe2\x82"), std::string("\xf0\x9f\x98")})
    for (std::size_t before = 0; before < 20; ++before) {
      EXPECT_EQ(find_byte_unfit_for_json(std::string(before, 'a') + bad + "abcdefgh"), before);
      EXPECT_EQ(find_byte_unfit_for_json(std::string(before, 'a') + bad), before);
    }
}

TEST(Utf8, TakesEveryLengthWhereverItIs) {
  for (const char* good : {"\x7f", "\t\r\n", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    for (std::size_t before = 0; before < 20; ++before)
      EXPECT_EQ(find_byte_unfit_for_json(std::string(before, 'a') + good + std::string(before, ' ')),
                std::string::npos);
}

TEST(Utf8, CutsBetweenCodePoints) {
  EXPECT_EQ(utf8_prefix("aé€", 6), "aé€");
  EXPECT_EQ(utf8_prefix("aé€", 5), "aé");
  EXPECT_EQ(utf8_prefix("aé€", 2), "a");
  EXPECT_EQ(utf8_prefix("é", 1), "");
  EXPECT_EQ(decode_utf8("aé€😀"), U"aé€😀");
}

TEST(Utf8, CountsCodePointsWhereverTheyAre) {
  const std::vector<std::string> points = {"a", "é", "€", "😀", "\x7f", "\xc2\x80", "\xf4\x8f\xbf\xbf"};
  std::string text;
  for (std::size_t count = 0; count < 60; ++count) {
    EXPECT_EQ(count_code_points(text), count);
    text += points[count % points.size()];
  }
}

TEST(TextFormat, Date) {
  for (const char* good : {"2024-03-11", "2024-02-29", "0001-01-01", "9999-12-31"})
    EXPECT_TRUE(has_format(good, TextFormat::kDate)) << good;
  for (const char* bad :
       {"", "2024-03", "2023-02-29", "2024-3-11", "2024-03-11T", "2024-03-11 ", "11-03-2024", "0000-12-31"})
    EXPECT_FALSE(has_format(bad, TextFormat::kDate)) << bad;
}

TEST(TextFormat, Cpf) {
  for (const char* good : {"15350946056", "153.509.460-56", "52998224725", "529.982.247-25", "00000000191",
                           "11144477735", "123.456.789-09"})
    EXPECT_TRUE(has_format(good, TextFormat::kCpf)) << good;
  for (const char* bad :
       {"", "1535094605", "153509460560", "15350946057", "15350946066", "11111111111", "000.000.000-00",
        "999.999.999-99", "153.509.46056", "153-509-460.56", "153.509.460 56", "153 509 460 56",
        " 15350946056", "15350946056 ", "1535094605a", "153.509.460-5a", "a53.509.460-56", "191"})
    EXPECT_FALSE(has_format(bad, TextFormat::kCpf)) << bad;
  EXPECT_EQ(expectation(TextFormat::kCpf, "2024-03-11"),
            "a CPF with its check digits, such as 153.509.460-56 or 15350946056");
}

/// Of the eleven digits any one written otherwise, and any two neighbours changed about, are noticed.
TEST(TextFormat, ACpfHoldsItsCheckDigits) {
  const std::string good = "52998224725";
  for (std::size_t i = 0; i < good.size(); ++i)
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string other = good;
      other[i] = digit;
      EXPECT_EQ(has_format(other, TextFormat::kCpf), digit == good[i]) << other;
    }
  for (std::size_t i = 0; i + 1 < good.size(); ++i) {
    std::string other = good;
    std::swap(other[i], other[i + 1]);
    EXPECT_EQ(has_format(other, TextFormat::kCpf), other == good) << other;
  }
}

// Of the year 0 or 10000 in UTC, which RFC 3339 cannot write.
TEST(TextFormat, WhatCannotBeWrittenInUtcIsNoTime) {
  for (const char* bad : {"0000-01-01T00:00:00Z", "0000-12-31T23:59:59.999Z", "0001-01-01T00:00:00+00:01",
                          "0001-01-01T22:00:00+23:59", "9999-12-31T23:59:00-00:01",
                          "9999-12-31T02:00:00-23:59", "9999-12-31T23:59:60Z", "0000-12-31T23:00:00-02:00"}) {
    EXPECT_FALSE(has_format(bad, TextFormat::kDateTime)) << bad;
    EXPECT_FALSE(has_format(bad, TextFormat::kDateTimeSpaced)) << bad;
    EXPECT_EQ(parse_date_time(bad), std::nullopt) << bad;
    EXPECT_EQ(expectation(TextFormat::kDateTime, bad),
              "a time from the year 0001 to the year 9999, in UTC, too");
  }
  for (const char* good : {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00-23:59",
                           "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59+23:59"})
    EXPECT_TRUE(has_format(good, TextFormat::kDateTime)) << good;
  EXPECT_EQ(expectation(TextFormat::kDate, "0000-12-31"), "a day from 0001-01-01 to 9999-12-31");
  EXPECT_EQ(expectation(TextFormat::kDate, "2023-02-29"), "a day of the calendar, such as 2024-03-11");
  EXPECT_EQ(expectation(TextFormat::kDateTime, "noon"),
            "a date and time with offset, such as 2024-03-11T12:00:00+00:00");
}

TEST(TextFormat, DateTimesAreMoments) {
  const auto ms = [](std::string_view text) {
    return parse_date_time(text).value().time_since_epoch().count();
  };
  EXPECT_EQ(ms("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ms("1969-12-31T23:59:59.999z"), -1);
  EXPECT_EQ(ms("2024-03-11T12:00:00 +00:00"), 1'710'158'400'000);
  EXPECT_EQ(ms("2024-03-11T09:30:00.25-02:30"), 1'710'158'400'250);
  EXPECT_EQ(ms("2024-03-11T23:00:00+11:00"), 1'710'158'400'000);
  EXPECT_EQ(ms("2024-03-11T12:00:00.1239999Z"), 1'710'158'400'123);
  EXPECT_EQ(ms("0001-01-01T00:00:00Z"), -62'135'596'800'000);
  EXPECT_EQ(ms("9999-12-31T23:59:59.999Z"), 253'402'300'799'999);
  for (const char* bad : {"", "noon", "2024-03-11", "2024-03-11T12:00:00", "2024-03-11T12:00:00.Z",
                          "2024-03-11T24:00:00Z", "2024-03-11T12:00:00Zx"})
    EXPECT_EQ(parse_date_time(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace comporta
