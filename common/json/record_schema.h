#pragma once
// JSON Schema for one record (draft 4, as far as RapidJSON enforces it), and the check of a whole upload
// against it in one pass over its bytes. RapidJSON stays behind it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/problem.h"

namespace comporta {

/// A member of a record, as its schema has it.
struct DescribedMember {
  std::string name;
  std::vector<std::string> types;  ///< as JSON Schema calls them; none: it does not say
  std::string format;              ///< empty: none
};

/// A compiled schema. Immutable: any number of threads may check with it at once.
class RecordSchema {
 public:
  /// Compiles `text`, after refusing what RapidJSON would silently ignore: unknown keywords, `$ref` other
  /// than to an existing `#/definitions/…`, patterns its engine cannot compile, unknown formats. Faults go
  /// to `faults` as `file:line: what`; the result is then null.
  /// Formats, checked here as RapidJSON does not: `email`, `date-time` (RFC 3339), `date-time-spaced`
  /// (RFC 3339, or the same with one space before the offset), `date` (2024-03-11), `cpf`.
  static std::shared_ptr<const RecordSchema> compile(std::string_view text, const std::string& file,
                                                     std::vector<std::string>& faults);
  ~RecordSchema();
  RecordSchema(const RecordSchema&) = delete;
  RecordSchema& operator=(const RecordSchema&) = delete;

  /// True if every valid record is an object that has `member`.
  bool requires_member(std::string_view member) const;
  /// True if the schema lists `member` among the record's `properties`.
  bool describes_member(std::string_view member) const;
  /// True if it does so with `type: string` and a `minLength` of 1 or more.
  bool is_nonempty_text(std::string_view member) const;
  /// True if the schema's `properties`, from one to the next and through `$ref`, have what the JSON pointer
  /// says. Not into arrays.
  bool describes(std::string_view pointer) const;
  /// True if they do so with that `type`, such as `string`, and no other.
  bool has_type(std::string_view pointer, std::string_view type) const;
  /// All that it lists among the record's `properties`, in its order.
  std::vector<DescribedMember> members() const;
  /// For records of which only that described member is known: it is required, and nothing else allowed.
  std::shared_ptr<const RecordSchema> of_member_alone(std::string_view member) const;
  /// The same, but that a record must not have those members of its own that are in `absent`, by name with
  /// what is said of one that is there, and need not have those in `optional`. Of members that it does not
  /// describe it says nothing.
  std::shared_ptr<const RecordSchema> without(const std::map<std::string, std::string>& absent,
                                              const std::vector<std::string>& optional) const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  RecordSchema();
  std::unique_ptr<Impl> impl_;
};

struct UploadLimits {
  std::size_t max_records = 100'000;
  std::size_t max_record_bytes = 256 * 1024;
  std::size_t max_depth = 64;  ///< of objects and arrays in a record, its own object counted
  std::size_t max_faults = 100;
};

enum class UploadFormat {
  kJson,    ///< an array of records, or one record
  kNdjson,  ///< one record a line; blank lines are skipped
};

/// Where a record's bytes are in the body.
struct RecordSlice {
  std::uint32_t begin;
  std::uint32_t end;
};

struct CheckedUpload {
  std::vector<RecordSlice> records;
};

/// The 422 of an upload of so many records, with what is wrong with some: one fault a record, and all that
/// there are if those are fewer than `most`.
Problem invalid_records(std::vector<RecordFault> faults, std::size_t records, std::size_t most);

/// Checks every byte of `body`: UTF-8, syntax, depth, no NUL (nor `\u0000`), no lone surrogates, limits, no
/// member twice in an object, and each record against the schema. Line breaks between tokens become spaces in
/// `body` (nothing else changes), so that a record is one line. A Problem otherwise, and `body` is as it was:
/// 400 for syntax and depth, with line and column; 413 for too many or too large records; 422 with the first
/// fault of each record, up to `max_faults` of them. A byte order mark at the start is skipped.
std::variant<CheckedUpload, Problem> check_upload(std::string& body, UploadFormat format,
                                                  const RecordSchema& schema, const UploadLimits& limits);

}  // namespace comporta
