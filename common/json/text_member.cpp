#include "common/json/text_member.h"

#include "common/json/reader.h"

namespace comporta {
namespace {

/// Looks at the members of the outermost object, until the one is found.
class Finder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Finder> {
 public:
  explicit Finder(std::string_view name) : name_(name) {}

  bool Default() { return next(); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return next(); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    is_it_ = depth_ == 1 && std::string_view(text, size) == name_;
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (!is_it_) return next();
    found_.emplace(text, size);
    return false;
  }
  bool StartObject() { return open(); }
  bool StartArray() { return depth_ > 0 && open(); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  std::optional<std::string> found() { return std::move(found_); }

 private:
  bool next() { return depth_ > 0 && !is_it_; }
  bool open() { return !is_it_ && ++depth_ > 0; }
  bool close() { return --depth_ >= 0; }

  std::string_view name_;
  int depth_ = 0;
  bool is_it_ = false;
  std::optional<std::string> found_;
};

}  // namespace

std::optional<std::string> text_member(std::string_view object, std::string_view name) {
  JsonStream stream(object);
  Finder finder(name);
  JsonReader().Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag>(stream, finder);
  return finder.found();
}

}  // namespace comporta
