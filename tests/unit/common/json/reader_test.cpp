// The reader that takes texts in runs against RapidJSON's own, which takes them byte by byte.

#include "common/json/reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace comporta {
namespace {

/// All that a reader says of a document.
struct Events : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Events> {
  bool Default() { return true; }
  bool String(const char* text, rapidjson::SizeType size, bool) { return add('s', {text, size}); }
  bool Key(const char* text, rapidjson::SizeType size, bool) { return add('k', {text, size}); }
  bool add(char what, std::string_view text) {
    texts.push_back(what + std::string(text));
    return true;
  }
  std::vector<std::string> texts;
};

struct Reading {
  std::vector<std::string> texts;
  rapidjson::ParseErrorCode error;
  std::size_t offset;
  bool operator==(const Reading&) const = default;
};

template <typename Reader, typename Stream>
Reading read(Stream stream) {
  Events events;
  const rapidjson::ParseResult result = Reader().Parse(stream, events);
  return {events.texts, result.Code(), result.Offset()};
}

/// In memory of just its size, so that a sanitizer sees each byte read beyond it.
void expect_same(std::string_view json) {
  const std::vector<char> exact(json.begin(), json.end());
  const std::string_view text(exact.data(), exact.size());
  EXPECT_EQ(read<JsonReader>(JsonStream(text)),
            read<rapidjson::Reader>(rapidjson::MemoryStream(text.data(), text.size())))
      << json;
}

constexpr std::size_t kLongest = 20;  // more than two words of eight bytes

TEST(JsonReader, ReadsAnyByteAtAnyPlaceAsRapidJsonDoes) {
  for (std::size_t size = 1; size <= kLongest; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(byte);
        expect_same("{\"" + text + "\":\"" + text + "\"}");
      }
    }
  }
}

TEST(JsonReader, ReadsEscapesBetweenRuns) {
  for (const char* escape : {"\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00", "\\x", "\\ud83d"})
    for (std::size_t before = 0; before <= kLongest; ++before)
      expect_same("[\"" + std::string(before, 'a') + escape + std::string(kLongest - before, 'b') + "\"]");
}

TEST(JsonReader, EndsWhereItsTextEnds) {
  const std::string json = R"(["abcdefghijklmnopqrst", "uvwxyz\n", 12, true])";
  for (std::size_t size = 0; size <= json.size(); ++size) expect_same(std::string_view(json).substr(0, size));
}

// What follows one record's text is found by where the stream stands.
TEST(JsonReader, StandsBehindATextInItsEvent) {
  struct Places : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Places> {
    explicit Places(const JsonStream& s) : stream(s) {}
    bool Default() { return true; }
    bool String(const char*, rapidjson::SizeType, bool) {
      ends.push_back(stream.Tell());
      return true;
    }
    const JsonStream& stream;
    std::vector<std::size_t> ends;
  };
  JsonStream stream(R"(["", "0123456789", "x"])");
  Places places(stream);
  EXPECT_FALSE(JsonReader().Parse(stream, places).IsError());
  EXPECT_EQ(places.ends, (std::vector<std::size_t>{3, 17, 22}));
}

}  // namespace
}  // namespace comporta
