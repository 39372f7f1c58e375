#pragma once
// An upload that passed its checks, on its way to the broker and back to the client.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/lease.h"
#include "common/broker/message.h"
#include "common/csv/records.h"
#include "common/http/server.h"
#include "common/json/record_schema.h"
#include "common/kinds/kind.h"
#include "services/ingest-gateway/upload_trace.h"

namespace comporta::gateway {

/// A run of consecutive records.
struct PartRange {
  std::size_t first;
  std::size_t count;
  std::size_t bytes;  ///< of the records as they stand in a part's line
};

/// Cuts an upload into parts: at most kMaxPartRecords records and kMaxPartRecordBytes bytes each, as few
/// as that allows, in order. Depends on nothing but the records, so that a repeat is cut alike.
std::vector<PartRange> cut_into_parts(const std::vector<RecordSlice>& records);

/// Whether each of them fits into a part.
bool fit_into_parts(const std::vector<RecordSlice>& records);

/// An upload's place among those on their way to the broker: what it holds, and that it is one.
struct Place {
  Lease bytes = {};
  Lease count = {};
};

inline constexpr const char* kNoPlace = "too many uploads are on their way; try again shortly";

/// Filled by the HTTP side, then used by the publisher's thread only.
struct Upload {
  const Kind* kind = nullptr;
  PartHeader header;  ///< of every part; `part` is set as each is written
  std::string body;
  std::vector<RecordSlice> records;
  std::vector<PartRange> parts;
  std::string path;  ///< of the request
  int answer = 202;  ///< once the broker has it
  Responder responder{nullptr};
  Place place = {};                         ///< of the queue's, as long as this is there
  std::unique_ptr<UploadTrace> trace = {};  ///< null: it is not sampled

  std::size_t parts_published = 0;
  std::size_t parts_confirmed = 0;
  std::vector<std::string> batches = {};  ///< that carry its parts, in order

  /// Of memory.
  std::size_t bytes() const {
    return body.capacity() + records.capacity() * sizeof(RecordSlice) + parts.capacity() * sizeof(PartRange);
  }
  /// Appends part number `index` (from 0) as its line.
  void append_part(std::string& out, std::size_t index);
};

/// Where checked uploads go. Implemented by the publisher.
class UploadQueue {
 public:
  virtual ~UploadQueue() = default;
  /// Why the next upload is not taken, for the client; empty when it is. To be asked once for each. Any
  /// thread.
  virtual std::string refusal() = 0;
  /// A place for an upload that holds so many bytes; nothing: there is no room (kNoPlace). Any thread.
  virtual std::optional<Place> place(std::size_t bytes) = 0;
  /// Takes the upload, in its place; it is settled later, by an answer to its responder. Any thread.
  virtual void submit(std::shared_ptr<Upload> upload) = 0;
};

/// The body of the 202: openapi.json, "Receipt".
std::string receipt(const Upload& upload);
/// The body of a dry run's 200: what would be taken; of a table also as what its columns were taken, and its
/// first records, but for accounts, which have passwords.
std::string forecast(const Upload& upload, const CsvPlaces& table);

}  // namespace comporta::gateway
