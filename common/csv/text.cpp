#include "common/csv/text.h"

#include <array>

#include "common/base/text.h"

namespace comporta {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// What windows-1252 has at 80 to 9F; there are five bytes that it does not have.
constexpr std::array<char16_t, 32> kMiddle = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                              0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                              0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                              0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

/// Of a code point from 80 to FFFF.
void append_utf8(std::string& out, unsigned point) {
  if (point >= 0x800) out += static_cast<char>(0xE0U | point >> 12U);
  out += static_cast<char>(point >= 0x800 ? 0x80U | (point >> 6U & 0x3FU) : 0xC0U | point >> 6U);
  out += static_cast<char>(0x80U | (point & 0x3FU));
}

}  // namespace

std::optional<CsvCharset> csv_charset(std::string_view name) {
  for (const char* known : {"", "utf-8", "utf8", "us-ascii"})
    if (iequals(name, known)) return CsvCharset::kUtf8;
  for (const char* known : {"windows-1252", "cp1252", "iso-8859-1", "iso8859-1", "latin1", "latin-1"})
    if (iequals(name, known)) return CsvCharset::kWindows1252;
  return std::nullopt;
}

std::string csv_text(std::string body, CsvCharset charset) {
  if (body.starts_with(kByteOrderMark)) return body.erase(0, kByteOrderMark.size());
  if (charset == CsvCharset::kUtf8) return body;
  std::string text;
  text.reserve(body.size() + body.size() / 8);
  for (const char c : body) {
    const unsigned byte = static_cast<unsigned char>(c);
    if (byte < 0x80)
      text += c;
    else
      append_utf8(text, byte < 0xA0 ? kMiddle.at(byte - 0x80) : byte);
  }
  return text;
}

}  // namespace comporta
