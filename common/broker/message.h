#pragma once
// The names and shapes that the daemons share: docs/ARCHITECTURE.md, "Messages".
//
// A batch is one broker message and one object: newline-delimited JSON, one line a part. A part is a run
// of at most kMaxPartRecords records of one upload:
//   {"upload":"…","part":1,"parts":1,"received":"…","traceparent":"…","principal":"…","records":[…]}
// Behind `parts` stands `"first":1000`, how many records of the upload are in the parts before it, but not in
// the first part; behind `principal`, where the sender had any, `"roles":["…"]`.
// A part of an upload that came with an Idempotency-Key has `"digest":"…"` before `records`: it may come
// again in another batch, and says with it whether it is the same. A part that takes records away has
// `"action":"delete"` before `records`, and of each record its key member alone.
//
// How an upload is cut into parts is part of the format, not a setting: a repeated upload must be cut at
// the same places.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

inline constexpr std::size_t kMaxPartRecords = 1'000;
inline constexpr std::size_t kMaxBatchBytes = 1024 * 1024;
inline constexpr std::size_t kMaxPartLineBytes = kMaxBatchBytes;
/// What a part line may need beside its records.
inline constexpr std::size_t kPartOverheadBytes = 4 * 1024;
inline constexpr std::size_t kMaxPartRecordBytes = kMaxPartLineBytes - kPartOverheadBytes;

struct PartHeader {
  std::string upload;    ///< UUIDv7
  std::size_t part = 1;  ///< from 1
  std::size_t parts = 1;
  std::size_t first = 0;  ///< number in the upload, from 0, of the first record of this part
  std::string received;   ///< RFC 3339, UTC, milliseconds
  std::string traceparent;
  std::string principal;  ///< who sent it, `<kind>/<key>` of an account; empty: nobody logged in
  std::vector<std::string> roles = {};  ///< that the sender had
  std::string digest;       ///< of the whole upload, 64 hexadecimal digits; empty: no Idempotency-Key
  std::string action = {};  ///< what is done with the records: empty: they are set; kDeleteAction
};

inline constexpr std::string_view kDeleteAction = "delete";

/// Appends the line, line break included. `records` is the records' own JSON, separated by commas,
/// without the brackets and without line breaks.
void append_part_line(std::string& out, const PartHeader& header, std::string_view records);

/// `<upload>:<part>` if the line begins as append_part_line() begins one; nothing if it does not. Looks at
/// the first bytes only.
std::optional<std::string> part_mark(std::string_view line);

/// When the part was received, as append_part_line() writes it; nothing if it is no such line. Looks at the
/// first bytes only.
std::optional<std::chrono::system_clock::time_point> received_at(std::string_view line);

/// Its traceparent if the part is sampled; empty otherwise. Looks at the first bytes only.
std::string_view sampled_trace(std::string_view line);

/// True if `line` is a part of that upload; looks at the first bytes only.
bool is_part_of(std::string_view line, std::string_view upload);

/// Lower case, digits and inner hyphens, at most 63 characters, starting with a letter.
bool is_kind_name(std::string_view text);

/// `<kind>/<yyyy>/<mm>/<dd>/<batch>.ndjson`, the date being the batch id's own, UTC. Nothing unless the
/// kind is a kind name and the batch a UUIDv7.
std::optional<std::string> object_name(std::string_view kind, std::string_view batch);

/// True for exactly the names that object_name gives (its date matches its batch id).
bool is_object_name(std::string_view name);

}  // namespace comporta
