#include "common/json/record_checker.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "common/base/utf8.h"

namespace comporta {
namespace {

constexpr std::size_t kPairwiseLimit = 16;  ///< members up to which comparing all pairs beats sorting

/// `\u` escapes may name what is refused raw. RapidJSON lets these two pass: half a surrogate pair, which it
/// encodes as ED A0..BF, and NUL, at which its pattern matching would stop.
bool has_forbidden_code_point(std::string_view text) {
  if (std::memchr(text.data(), '\0', text.size()) != nullptr) return true;
  for (std::size_t at = text.find('\xED'); at != std::string_view::npos; at = text.find('\xED', at + 1))
    if (static_cast<unsigned char>(text[at + 1]) >= 0xA0) return true;
  return false;
}

/// True if two of the hashes are equal. Changes their order.
bool has_twins(std::uint64_t* first, std::uint64_t* last) {
  if (static_cast<std::size_t>(last - first) > kPairwiseLimit) {
    std::sort(first, last);
    return std::adjacent_find(first, last) != last;
  }
  for (; first < last; ++first)
    if (std::find(first + 1, last, *first) != last) return true;
  return false;
}

}  // namespace

bool RecordChecker::read(std::size_t begin, bool may_be_array_of_records) {
  JsonStream stream(body_, begin);
  stream_ = &stream;
  array_may_begin_ = may_be_array_of_records;
  const rapidjson::ParseResult result = reader_.Parse(stream, *this);
  if (result.IsError() && !refusal_)
    refuse_syntax(result.Offset(),
                  syntax_text(result.Code(), body_.substr(std::min(result.Offset(), body_.size())),
                              !may_be_array_of_records));
  return !refusal_;
}

bool RecordChecker::String(const char* text, SizeType length, bool copy) {
  const std::string_view value(text, length);
  if (has_escapes_ && has_forbidden_code_point(value)) return refuse_text();
  if (!scalar([&] { return validator_.String(text, length, copy); })) return false;
  const FormatNode* wanted = judging_ ? levels_.back().next : nullptr;
  if (wanted != nullptr && wanted->format && !has_format(value, *wanted->format)) fault({"format", {}, {}});
  return true;
}

bool RecordChecker::Key(const char* name, SizeType length, bool copy) {
  const std::string_view key(name, length);
  if (has_escapes_ && has_forbidden_code_point(key)) return refuse_text();
  // Two names with one hash would only get their own upload refused: no seed is needed.
  names_.push_back(std::hash<std::string_view>{}(key));
  Level& level = levels_.back();
  level.next = level.formats != nullptr ? level.formats->member(key) : nullptr;
  judge([&] { return validator_.Key(name, length, copy); });
  return true;
}

bool RecordChecker::StartObject() {
  array_may_begin_ = false;
  if (levels_.empty() && !begin_record(offset() - 1)) return false;
  if (!open(levels_.empty() ? schema_.formats : levels_.back().next, nullptr)) return false;
  judge([this] { return validator_.StartObject(); });
  return true;
}

bool RecordChecker::EndObject(SizeType members) {
  judge([&] { return validator_.EndObject(members); });
  const std::size_t first = levels_.back().first_name;
  if (has_twins(names_.data() + first, names_.data() + names_.size()) && judging_)
    fault({kUniqueMembers, {}, {}});
  names_.resize(first);
  levels_.pop_back();
  return !levels_.empty() || end_record();
}

bool RecordChecker::StartArray() {
  if (std::exchange(array_may_begin_, false)) return true;
  if (levels_.empty() && !(begin_record(offset() - 1) && not_an_object())) return false;
  const FormatNode* formats = levels_.empty() ? nullptr : levels_.back().next;
  if (!open(formats, formats != nullptr ? formats->items : nullptr)) return false;
  judge([this] { return validator_.StartArray(); });
  return true;
}

bool RecordChecker::EndArray(SizeType elements) {
  if (levels_.empty()) return true;  // the array of records
  judge([&] { return validator_.EndArray(elements); });
  levels_.pop_back();
  return !levels_.empty() || end_record();
}

bool RecordChecker::open(const FormatNode* formats, const FormatNode* next) {
  if (levels_.size() == limits_.max_depth) {
    refuse_syntax(offset() - 1, "Nested deeper than " + std::to_string(limits_.max_depth) + " levels.");
    return false;
  }
  levels_.push_back({formats, next, names_.size()});
  return true;
}

bool RecordChecker::begin_record(std::size_t begin) {
  array_may_begin_ = false;
  if (records_.size() == limits_.max_records)
    return refuse_size("maxRecords", "An upload may have at most " + std::to_string(limits_.max_records) +
                                         " records: send the rest in another.");
  records_.push_back({static_cast<std::uint32_t>(begin), 0});
  validator_.Reset();
  fault_.reset();
  judging_ = faults_.size() < limits_.max_faults;
  return true;
}

bool RecordChecker::end_record() {
  RecordSlice& slice = records_.back();
  slice.end = static_cast<std::uint32_t>(offset());
  const std::size_t index = records_.size() - 1;
  if (slice.end - slice.begin > limits_.max_record_bytes)
    return refuse_size("maxRecordBytes", "Record " + std::to_string(index) + " (counted from 0) has " +
                                             std::to_string(slice.end - slice.begin) + " bytes; at most " +
                                             std::to_string(limits_.max_record_bytes) + " are allowed.");
  if (fault_)
    faults_.push_back(explain(*fault_, index, body_.substr(slice.begin, slice.end - slice.begin), schema_));
  return true;
}

bool RecordChecker::not_an_object() {
  if (judging_) faults_.push_back({records_.size() - 1, "", "type", "must be an object in { }"});
  judging_ = false;
  return true;
}

bool RecordChecker::refuse_text() {
  refuse_syntax(offset(), "A text must not have \\u0000, nor half a surrogate pair.");
  return false;
}

bool RecordChecker::refuse_size(std::string keyword, std::string detail) {
  refusal_ = Problem{413, "urn:comporta:problem:too-large", "The upload is too large", detail};
  refusal_->errors.push_back(
      {records_.size() - (keyword == "maxRecords" ? 0 : 1), "", std::move(keyword), std::move(detail)});
  return false;
}

void RecordChecker::refuse_syntax(std::size_t offset, const std::string& what) {
  const std::string_view before = body_.substr(0, offset);
  const std::size_t line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_begin = before.find_last_of('\n') + 1;  // npos + 1 is 0
  const std::size_t column = 1 + count_code_points(before.substr(line_begin));
  refusal_ = Problem{400, "urn:comporta:problem:not-json", "The upload is not valid JSON",
                     "Line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + what};
  refusal_->line = line;
  refusal_->column = column;
}

std::optional<Problem> RecordChecker::verdict() {
  if (refusal_) return std::move(refusal_);
  if (records_.empty()) faults_.push_back({0, "", "minItems", "must have at least one record"});
  if (faults_.empty()) return std::nullopt;
  return invalid_records(std::move(faults_), records_.size(), limits_.max_faults);
}

Problem invalid_records(std::vector<RecordFault> faults, std::size_t records, std::size_t most) {
  Problem problem{
      422, "urn:comporta:problem:invalid-records", "Records are not valid", {}, std::move(faults)};
  const std::string count = std::to_string(problem.errors.size());
  problem.detail = records == 0 ? "The upload has no records."
                   : problem.errors.size() == most
                       ? "The first " + count + " invalid records are listed; there may be more."
                       : count + " of " + std::to_string(records) +
                             (records == 1 ? " record is" : " records are") + " not valid.";
  return problem;
}

}  // namespace comporta
