#include "services/storage/object_lines.h"

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/broker/message.h"
#include "common/json/reader.h"
#include "common/json/text_member.h"

namespace comporta {
namespace {

/// Stands behind all that a line says of its part.
constexpr std::string_view kRecordsMember = ",\"records\":[";
constexpr std::size_t kMaxDepth = 1'000;  // the parser recurses; far beyond what the gateway lets in

/// Follows the parser through one line, and copies it to `out` but for a member of its records. The line is
/// at depth 1, the list of its records at 2, a record at 3.
class Cutter : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Cutter> {
 public:
  Cutter(std::string_view line, const JsonStream& stream, std::string_view member, std::string& out)
      : line_(line), stream_(stream), member_(member), out_(out) {}

  bool Default() { return end_value(); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return end_value(); }
  bool String(const char*, rapidjson::SizeType, bool) { return end_value(); }
  bool Key(const char* name, rapidjson::SizeType size, bool);
  bool StartObject() { return open(); }
  bool StartArray() { return open(); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  void finish() { out_ += line_.substr(done_); }

 private:
  bool in_record() const { return depth_ == 3 && in_records_; }
  bool open();
  bool close();
  bool end_value();

  std::string_view line_;
  const JsonStream& stream_;
  std::string_view member_;
  std::string& out_;
  std::size_t depth_ = 0;
  bool in_records_ = false;
  bool is_it_ = false;            ///< the member that is being read is to be cut out
  std::size_t members_kept_ = 0;  ///< of the record that is being read
  std::size_t done_ = 0;          ///< the line's bytes before it are dealt with
};

bool Cutter::open() {
  if (++depth_ > kMaxDepth) return false;
  if (!in_record()) return true;
  out_ += line_.substr(done_, stream_.Tell() - done_);
  done_ = stream_.Tell();
  members_kept_ = 0;
  return true;
}

bool Cutter::close() {
  --depth_;
  return end_value();
}

bool Cutter::Key(const char* name, rapidjson::SizeType size, bool) {
  const std::string_view key(name, size);
  if (depth_ == 1) in_records_ = key == "records";
  if (in_record()) is_it_ = key == member_;
  return true;
}

/// Of a record each member that is kept is copied for itself, without the comma before it.
bool Cutter::end_value() {
  if (!in_record()) return true;
  const std::size_t begin = line_.find('"', done_);
  done_ = stream_.Tell();
  if (is_it_) return true;
  if (members_kept_++ > 0) out_ += ',';
  out_ += line_.substr(begin, done_ - begin);
  return true;
}

/// Appends the line without the member; false, and nothing appended, if it is no JSON.
bool append_without(std::string_view line, std::string_view member, std::string& out) {
  if (find_byte_unfit_for_json(line) != std::string_view::npos) return false;
  const std::size_t size = out.size();
  JsonStream stream(line);
  Cutter cutter(line, stream, member, out);
  const bool good = !JsonReader().Parse<rapidjson::kParseNumbersAsStringsFlag>(stream, cutter).IsError();
  if (good)
    cutter.finish();
  else
    out.resize(size);
  return good;
}

}  // namespace

std::string principal_of(std::string_view line) {
  return text_member(line.substr(0, line.find(kRecordsMember)), "principal").value_or("");
}

std::string lines_of(std::string_view object, const LineChoice& choice) {
  std::string lines;
  while (!object.empty()) {
    const std::string_view line = take_line(object);
    if (!choice.upload.empty() && !is_part_of(line, choice.upload)) continue;
    if (choice.principal && principal_of(line) != *choice.principal) continue;
    lines.append(line) += '\n';
  }
  return lines;
}

std::string without_member(std::string_view lines, std::string_view member) {
  std::string without;
  without.reserve(lines.size());
  while (!lines.empty())
    if (append_without(take_line(lines), member, without)) without += '\n';
  return without;
}

}  // namespace comporta
