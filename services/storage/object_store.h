#pragma once
// What storage needs of an object store: the seam between the daemon and its drivers (s3_store.h,
// filesystem_store.h). Objects are immutable: writing one again writes the same bytes. Every failure is
// taken to be the store's, never the object's: the same work may succeed later.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace comporta {

/// An object to be written. `name` is one that object_name() gave.
struct NewObject {
  std::string name;
  std::string body;
  std::string sha256;     ///< of the body, hexadecimal; kept beside it where the store can
  std::size_t parts = 0;  ///< lines in the body; kept beside it where the store can
};

struct StoreResult {
  std::uint64_t token;
  std::optional<std::string> fault;  ///< why it failed, without secrets; nothing: it is done, and durable
};

/// Writes, many at a time. Belongs to one thread.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;

  /// Starts making sure that the store takes what is written: creates the place (bucket, folder) if it is
  /// missing, and otherwise writes a few bytes beside the objects, and removes them again.
  virtual void start_prepare(std::uint64_t token) = 0;
  /// Starts looking whether the store is there; without writing, where that leaves traces.
  virtual void start_look(std::uint64_t token) { start_prepare(token); }
  /// Starts writing. The caller limits how many are in flight.
  virtual void start_put(std::uint64_t token, std::shared_ptr<const NewObject> object) = 0;
  /// What has ended since the last call; every start ends once, however it ends. Waits at most `limit`,
  /// and returns early when something ends or `wake_fd` (unless -1) becomes readable.
  virtual std::vector<StoreResult> poll(int wake_fd, std::chrono::milliseconds limit) = 0;
};

struct StoredObject {
  std::string name;
  std::size_t size_bytes = 0;
  std::string stored_at;  ///< RFC 3339, UTC, milliseconds
};

struct ObjectPage {
  std::vector<StoredObject> objects;
  bool more = false;  ///< there are others after the last of these
};

/// Reads. Any thread; blocks, for the driver's time-outs at most. Throws TransientError.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;

  /// The object's bytes; nothing if there is none of that name.
  virtual std::optional<std::string> get(const std::string& name) const = 0;
  /// In the order of their names, the first `limit` objects below `folder` (which ends with a slash) whose
  /// names come after `after` (empty: from the first). What is not named like an object is not seen.
  virtual ObjectPage list(const std::string& folder, const std::string& after, std::size_t limit) const = 0;
};

struct ObjectStore {
  std::unique_ptr<ObjectWriter> writer;
  std::unique_ptr<ObjectReader> reader;
};

}  // namespace comporta
