#include "services/cache/apply/part_line.h"

#include <algorithm>

#include "common/base/utf8.h"
#include "common/broker/message.h"
#include "common/json/flat_json.h"
#include "common/json/reader.h"
#include "services/cache/apply/kept_fields.h"
#include "services/cache/apply/part_header.h"

namespace comporta {
namespace {

constexpr std::size_t kMaxDepth = 1'000;  // the parser recurses; far beyond what the gateway lets in
constexpr unsigned kParseFlags = rapidjson::kParseNumbersAsStringsFlag;

/// Follows the parser through one line. The line is at depth 0, the part's members at 1, the elements of
/// `records` at 2, the members of a record at 3.
class LineHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, LineHandler> {
 public:
  LineHandler(std::string_view line, JsonStream& stream, KeptFields& kept, Group& group)
      : line_(line), stream_(stream), kept_(kept), group_(group), first_record_(group.records.size()) {}

  bool Default() { return scalar(Type::kOther, {}); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return scalar(Type::kNumber, {text, size});
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return scalar(Type::kString, {text, size});
  }
  bool Key(const char* text, rapidjson::SizeType size, bool);
  bool StartObject() { return open(true); }
  bool StartArray() { return open(false); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  /// After the last byte: adds the part to the group, if it is whole.
  bool finish();
  const std::string& fault() const { return fault_; }

 private:
  using Type = PartHeaderReader::Type;

  bool in_part() const { return depth_ == 1; }
  bool in_roles() const { return depth_ == 2 && header_.is_roles(); }
  bool in_list() const { return depth_ == 2 && in_records_; }
  bool in_record() const { return depth_ == 3 && in_records_; }

  bool open(bool object);
  bool close();
  bool scalar(Type type, std::string_view text);
  bool read_flat_records();
  bool take_flat_member(std::string_view name, const FlatJson::Value& value);
  void begin_record();
  bool end_record();
  void end_value();
  bool fail(std::string_view why);
  bool fail_if(std::string_view why);
  bool fail_record(std::string_view why);

  std::string_view line_;
  JsonStream& stream_;
  KeptFields& kept_;
  Group& group_;
  std::size_t first_record_;
  std::string fault_;

  std::size_t depth_ = 0;
  PartHeaderReader header_;
  bool in_records_ = false;
  bool records_seen_ = false;

  Slice key_;
  std::size_t value_from_ = 0;  ///< just behind the member's name
};

bool LineHandler::fail(std::string_view why) {
  fault_ = why;
  return false;
}

bool LineHandler::fail_if(std::string_view why) {
  return why.empty() || fail(why);
}

bool LineHandler::fail_record(std::string_view why) {
  const std::size_t index = group_.records.size() - first_record_;
  return fail("record " + std::to_string(index) + " " + std::string(why));
}

bool LineHandler::Key(const char* text, rapidjson::SizeType size, bool) {
  const std::string_view name(text, size);
  if (in_part()) {
    header_.begin_member(name);
  } else if (in_record()) {
    kept_.begin_member(name);
    value_from_ = stream_.Tell();
  }
  return true;
}

bool LineHandler::open(bool object) {
  if (depth_ == kMaxDepth) return fail("nested too deeply");
  if (depth_ == 0 && !object) return fail("not an object");
  if (in_part() && header_.is_known()) {
    const bool is_list = !object && (header_.is_roles() || (header_.is_records() && !records_seen_));
    if (!is_list) return fail("a member has the wrong type");
    ++depth_;
    if (header_.is_roles()) return true;
    in_records_ = records_seen_ = true;
    return read_flat_records();
  } else if (in_roles()) {
    return fail("a role is not text");
  } else if (in_list()) {
    if (!object) return fail_record("is not an object");
    begin_record();
  } else if (in_record() && kept_.is_key()) {
    return fail_record("has a key that is not text");
  }
  ++depth_;
  return true;
}

bool LineHandler::close() {
  --depth_;
  if (in_list()) return end_record();
  if (in_record()) end_value();
  if (in_part()) in_records_ = false;
  return true;
}

bool LineHandler::scalar(Type type, std::string_view text) {
  if (depth_ == 0) return fail("not an object");
  if (in_part()) return fail_if(header_.take(type, text));
  if (in_roles()) return fail_if(header_.take_role(type, text));
  if (in_list()) return fail_record("is not an object");
  if (!in_record()) return true;
  if (kept_.is_key()) {
    if (type != Type::kString) return fail_record("has a key that is not text");
    key_ = group_.add_text(text);
  }
  if (kept_.is_event_time() && type == Type::kString) kept_.set_event_time(text);
  end_value();
  return true;
}

/// Behind the bracket of the list, past the parser, which finds the end of the list or the first record that
/// is not flat. It must not find what would be good only at the begin of a list.
bool LineHandler::read_flat_records() {
  const std::size_t begin = stream_.Tell();
  FlatJson in(line_.substr(begin));
  const auto take_member = [this](std::string_view name, const FlatJson::Value& value) {
    return take_flat_member(name, value);
  };
  for (begin_record(); take_flat_object(in, take_member); begin_record()) {
    if (!end_record()) return false;
    const bool more = in.take(',');
    const bool ends = in.take(']');
    if (more == ends) return fail("not well-formed JSON at byte " + std::to_string(begin + in.at()));
    stream_.skip_to(begin + in.at() - (ends ? 1 : 0));
    if (ends) break;
  }
  return true;
}

bool LineHandler::take_flat_member(std::string_view name, const FlatJson::Value& value) {
  kept_.begin_member(name);
  kept_.set_value(value.raw);
  if (!kept_.is_read()) return true;
  const bool is_text = value.type == FlatJson::Type::kText;
  if (value.escaped || (kept_.is_key() && !is_text)) return false;
  if (kept_.is_key()) key_ = group_.add_text(value.text());
  if (kept_.is_event_time() && is_text) kept_.set_event_time(value.text());
  return true;
}

void LineHandler::begin_record() {
  key_ = {};
  kept_.begin_record();
}

void LineHandler::end_value() {
  std::string_view raw = line_.substr(value_from_, stream_.Tell() - value_from_);
  raw.remove_prefix(std::min(raw.find_first_not_of(" \t:"), raw.size()));
  kept_.set_value(raw);
}

bool LineHandler::end_record() {
  if (key_.size == 0) return fail_record("has no key");
  kept_.add_record(key_, group_);
  return true;
}

bool LineHandler::finish() {
  if (!fail_if(header_.fault_of_all())) return false;
  if (!records_seen_) return fail("the records are missing");
  const std::size_t count = group_.records.size() - first_record_;
  if (count == 0) return fail("there are no records");
  if (count > kMaxPartRecords) return fail("there are more records than a part has");
  Part part = header_.make_part(kept_.kind(), group_);
  part.first_record = first_record_;
  part.record_count = count;
  group_.add_part(part);
  return true;
}

}  // namespace

struct PartReader::Impl {
  explicit Impl(const Kind& kind) : kept(kind) {}

  /// Empty, or why not.
  std::string read(std::string_view line, Group& group) {
    const std::size_t unfit = find_byte_unfit_for_json(line);
    if (unfit != std::string_view::npos) return "a byte that JSON cannot hold, at " + std::to_string(unfit);
    JsonStream stream(line);
    LineHandler handler(line, stream, kept, group);
    const auto result = reader.Parse<kParseFlags>(stream, handler);
    if (result.IsError() && handler.fault().empty())
      return "not well-formed JSON at byte " + std::to_string(result.Offset());
    if (!result.IsError()) handler.finish();
    return handler.fault();
  }

  KeptFields kept;
  JsonReader reader;
};

PartReader::PartReader(const Kind& kind) : impl_(std::make_unique<Impl>(kind)) {}
PartReader::~PartReader() = default;

std::optional<std::string> PartReader::read(std::string_view line, Group& group) {
  const std::size_t text_size = group.text.size();
  const std::size_t record_count = group.records.size();
  std::string fault = impl_->read(line, group);
  if (fault.empty()) return std::nullopt;
  group.text.resize(text_size);
  group.records.resize(record_count);
  return "malformed part: " + fault;
}

}  // namespace comporta
