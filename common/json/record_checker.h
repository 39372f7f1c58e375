#pragma once
// Not for others than the files behind record_schema.h: it shows RapidJSON.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/reader.h"
#include "common/json/record_schema.h"
#include "common/json/record_schema_impl.h"

namespace comporta {

/// The handler of one upload's parser events: finds the records, and judges each. An event returns false
/// when the upload is to be refused at once.
class RecordChecker {
 public:
  using SizeType = rapidjson::SizeType;

  RecordChecker(std::string_view body, const RecordSchema::Impl& schema,
                const rapidjson::SchemaDocument& compiled, const UploadLimits& limits)
      : body_(body),
        schema_(schema),
        limits_(limits),
        has_escapes_(body.find("\\u") != std::string_view::npos),
        validator_(compiled) {}

  /// Reads the one JSON value from `begin` up to the next NUL. False if it is refused.
  bool read(std::size_t begin, bool may_be_array_of_records);

  void refuse_syntax(std::size_t offset, const std::string& what);
  std::optional<Problem> verdict();
  std::vector<RecordSlice> take_records() { return std::move(records_); }

  bool Null() {
    return scalar([this] { return validator_.Null(); });
  }
  bool Bool(bool b) {
    return scalar([&] { return validator_.Bool(b); });
  }
  bool Int(int i) {
    return scalar([&] { return validator_.Int(i); });
  }
  bool Uint(unsigned i) {
    return scalar([&] { return validator_.Uint(i); });
  }
  bool Int64(std::int64_t i) {
    return scalar([&] { return validator_.Int64(i); });
  }
  bool Uint64(std::uint64_t i) {
    return scalar([&] { return validator_.Uint64(i); });
  }
  bool Double(double d) {
    return scalar([&] { return validator_.Double(d); });
  }
  bool RawNumber(const char*, SizeType, bool) { return false; }  // only with a flag that is not used
  bool String(const char* text, SizeType length, bool copy);
  bool Key(const char* name, SizeType length, bool copy);
  bool StartObject();
  bool EndObject(SizeType members);
  bool StartArray();
  bool EndArray(SizeType elements);

 private:
  /// An object or array of the record that is being read.
  struct Level {
    const FormatNode* formats;  ///< asked for at this level; null: none
    const FormatNode* next;     ///< asked for of the next value in it
    std::size_t first_name;     ///< of its members, in names_
  };

  template <typename Event>
  bool scalar(Event event) {
    if (levels_.empty()) return begin_record(offset()) && not_an_object();
    judge(event);
    return true;
  }
  template <typename Event>
  void judge(Event event) {
    if (judging_ && !event())
      fault({keyword(), validator_.GetInvalidDocumentPointer(), validator_.GetInvalidSchemaPointer()});
  }
  std::string_view keyword() const {
    const char* name = validator_.GetInvalidSchemaKeyword();
    return name != nullptr ? name : "schema";
  }

  bool begin_record(std::size_t begin);
  bool end_record();
  bool not_an_object();
  bool open(const FormatNode* formats, const FormatNode* next);
  void fault(RawFault what) {
    fault_ = std::move(what);
    judging_ = false;
  }
  bool refuse_text();
  bool refuse_size(std::string keyword, std::string detail);

  std::size_t offset() const { return stream_->Tell(); }

  const std::string_view body_;
  const RecordSchema::Impl& schema_;
  const UploadLimits& limits_;
  const bool has_escapes_;
  JsonReader reader_;
  rapidjson::SchemaValidator validator_;
  JsonStream* stream_ = nullptr;
  bool array_may_begin_ = false;
  std::vector<Level> levels_;
  std::vector<std::uint64_t> names_;  ///< hashes of the member names of all open objects
  bool judging_ = false;              ///< the record may still be valid, and its fault would be shown
  std::optional<RawFault> fault_;     ///< of the record
  std::vector<RecordSlice> records_;
  std::vector<RecordFault> faults_;
  std::optional<Problem> refusal_;
};

}  // namespace comporta
