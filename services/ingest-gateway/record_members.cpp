#include "services/ingest-gateway/record_members.h"

#include <algorithm>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/json/reader.h"

namespace comporta::gateway {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// Follows the parser through one record.
class Finder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Finder> {
 public:
  Finder(std::string_view record, const JsonStream& stream, const std::vector<std::string_view>& names)
      : record_(record), stream_(stream), names_(names), found_(names.size()) {}

  bool Default() { return end_value(); }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (is_wanted()) found_[wanted_].text.emplace(text, size);
    return end_value();
  }
  bool Key(const char* name, rapidjson::SizeType size, bool);
  bool StartObject() { return ++depth_ > 0; }
  bool StartArray() { return ++depth_ > 0; }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  std::vector<std::optional<FoundMember>> take();

 private:
  struct Place {
    std::size_t begin = 0;
    std::size_t end = 0;  ///< 0: it has not been seen
    std::optional<std::string> text = {};
  };

  bool is_wanted() const { return depth_ == 1 && wanted_ < names_.size(); }
  bool end_value() {
    if (is_wanted()) found_[wanted_].end = stream_.Tell();
    return true;
  }
  bool close() {
    --depth_;
    return end_value();
  }

  std::string_view record_;
  const JsonStream& stream_;
  const std::vector<std::string_view>& names_;
  std::vector<Place> found_;
  std::size_t depth_ = 0;
  std::size_t wanted_ = 0;  ///< whose value is being read; names_.size(): nobody asks for it
};

bool Finder::Key(const char* name, rapidjson::SizeType size, bool) {
  if (depth_ != 1) return true;
  const auto found = std::find(names_.begin(), names_.end(), std::string_view(name, size));
  wanted_ = static_cast<std::size_t>(found - names_.begin());
  if (is_wanted())
    found_[wanted_].begin = record_.find_first_not_of(kBlanks, record_.find(':', stream_.Tell()) + 1);
  return true;
}

std::vector<std::optional<FoundMember>> Finder::take() {
  std::vector<std::optional<FoundMember>> members(found_.size());
  for (std::size_t i = 0; i < found_.size(); ++i)
    if (found_[i].end > 0) members[i] = {found_[i].begin, found_[i].end, std::move(found_[i].text)};
  return members;
}

}  // namespace

std::vector<std::optional<FoundMember>> find_members(std::string_view record,
                                                     const std::vector<std::string_view>& names) {
  JsonStream stream(record);
  Finder finder(record, stream, names);
  check(!JsonReader().Parse(stream, finder).IsError(), "a checked record is JSON");
  return finder.take();
}

void append_changed(std::string& out, std::string_view record,
                    std::vector<std::pair<FoundMember, std::string_view>> changes) {
  std::sort(changes.begin(), changes.end(),
            [](const auto& a, const auto& b) { return a.first.begin < b.first.begin; });
  std::size_t copied = 0;
  for (const auto& [member, text] : changes) {
    out += record.substr(copied, member.begin - copied);
    append_json_string(out, text);
    copied = member.end;
  }
  out += record.substr(copied);
}

void append_text_member(std::string& members, std::string_view name, std::string_view text) {
  members += ',';
  append_json_string(members, name);
  members += ':';
  append_json_string(members, text);
}

void append_with_members(std::string& out, std::string_view record, std::string_view members) {
  if (members.empty()) {
    out += record;
    return;
  }
  const std::string_view rest = record.substr(1);
  const bool has_none = rest[rest.find_first_not_of(kBlanks)] == '}';
  ((out += '{') += members.substr(1)) += has_none ? "" : ",";
  out += rest;
}

}  // namespace comporta::gateway
