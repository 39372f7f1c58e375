#pragma once
// An upload that passed its checks, on its way to the broker and back to the client.

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/broker/message.h"
#include "common/http/server.h"
#include "common/json/record_schema.h"
#include "common/kinds/kind.h"

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

/// A share of a counter, given back when it ends.
class Lease {
 public:
  Lease() = default;
  Lease(std::atomic<std::size_t>& counter, std::size_t share) : counter_(&counter), share_(share) {
    counter += share;
  }
  Lease(Lease&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)), share_(other.share_) {}
  Lease& operator=(Lease&& other) noexcept {
    std::swap(counter_, other.counter_);
    std::swap(share_, other.share_);
    return *this;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (counter_ != nullptr) *counter_ -= share_;
  }

 private:
  std::atomic<std::size_t>* counter_ = nullptr;
  std::size_t share_ = 0;
};

/// Filled by the HTTP side, then used by the publisher's thread only.
struct Upload {
  const Kind* kind = nullptr;
  PartHeader header;  ///< of every part; `part` is set as each is written
  std::string body;
  std::vector<RecordSlice> records;
  std::vector<PartRange> parts;
  std::string path;  ///< of the request
  Responder responder{nullptr};
  Lease bytes_lease = {};  ///< of the queue's, while it has the upload
  Lease count_lease = {};  ///< the same

  std::size_t parts_published = 0;
  std::size_t parts_confirmed = 0;
  std::vector<std::string> batches = {};  ///< that carry its parts, in order

  std::size_t bytes() const { return body.size(); }
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
  /// Takes the upload; it is settled later, by an answer to its responder. Any thread.
  virtual void submit(std::shared_ptr<Upload> upload) = 0;
};

/// The body of the 202: static/openapi.json, "Receipt".
std::string receipt(const Upload& upload);

}  // namespace comporta::gateway
