#pragma once
// What a few batches change in the cache, taken together so that one step of the store applies them all.
// Flat and reused: once its vectors have grown, reading another group into it allocates nothing.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/uuid.h"
#include "common/kinds/kind.h"

namespace comporta {

/// A piece of a group's text.
struct Slice {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
};

/// Hexadecimal digits of the SHA-256 of what a record is compared by.
inline constexpr std::size_t kFingerprintBytes = 32;

struct Record {
  Slice key;
  Slice value;        ///< a JSON object: the kind's cache fields, their bytes as they came
  Slice viewed = {};  ///< the same for views.lua; empty: it is given the cache fields
  std::optional<std::int64_t> event_time_ms = {};
  Slice fingerprint = {};  ///< of what the kind's views compare; empty if they do not
  /// Right in front of `value`: a JSON list of the texts that the kind's views are given folded, without any
  /// `{`; empty if there are none.
  Slice folded = {};
  /// Of a kind of accounts: a JSON object of `login`, `password` and `roles`, as far as the record has them.
  /// Of a password nothing is anywhere else.
  Slice account = {};
};

struct Part {
  const Kind* kind;
  Slice mark;    ///< `<upload>:<part>`
  Slice digest;  ///< empty: came without Idempotency-Key, so only its own batch can bring it again
  std::size_t first_record;
  std::size_t record_count;
  Slice upload = {};
  std::int64_t received_ms = 0;
  bool deletes = false;    ///< the records are to be taken away: they have keys only
  std::size_t number = 1;  ///< in its upload
  std::size_t parts = 1;   ///< of its upload
  std::size_t first = 0;   ///< number in the upload, from 0, of its first record
  Slice principal = {};    ///< who sent it, `<kind>/<key>` of an account; empty: nobody logged in
  Slice roles = {};        ///< the sender's, a JSON list of texts; empty: none
  Slice trace = {};        ///< a well-formed traceparent; empty: its upload is not sampled
};

/// How long the part's records are to live from `now` on: their kind's time from their receipt, never more,
/// whatever the sender's clock says. Nothing: until they are deleted. Not positive: their time is over.
std::optional<std::chrono::milliseconds> time_left(const Part& part, WallClock::time_point now);

/// A line of a batch that is no part: it is parked.
struct UnfitLine {
  Slice mark;  ///< `<upload>:<part>`; empty: it does not say
  Slice reason;
};

/// Of each batch so many unfit lines are remembered, the first.
inline constexpr std::size_t kUnfitLinesRemembered = 100;

struct Batch {
  Slice id;
  std::size_t first_part;
  std::size_t part_count;
  std::vector<UnfitLine> unfit = {};
};

struct Group {
  std::string text;
  std::vector<Batch> batches;
  std::vector<Part> parts;
  std::vector<Record> records;

  void clear();
  Slice add_text(std::string_view piece);
  /// Parts added from now on belong to this batch.
  void add_batch(std::string_view id);
  void add_part(const Part& part);
  /// `line` is one of this batch that is no part, and why.
  void add_unfit_line(std::string_view line, std::string_view reason);

  std::string_view at(Slice slice) const { return std::string_view(text).substr(slice.begin, slice.size); }
  /// What the cache keeps behind a header.
  std::string_view folded_and_value(const Record& record) const {
    return at({record.value.begin - record.folded.size, record.folded.size + record.value.size});
  }
  std::span<const Part> parts_of(const Batch& batch) const;
  std::span<const Record> records_of(const Part& part) const;
};

}  // namespace comporta
