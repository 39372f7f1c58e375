#pragma once
// The object store in a folder: for a machine without an S3 server, and the working fake in tests.
// An object is written under a temporary name (`.new-…`), synced, renamed, and its folders synced, so that
// a name is never seen with half its bytes, and what is reported as done survives a power cut.

#include <deque>
#include <filesystem>
#include <set>

#include "services/storage/object_store.h"

namespace comporta {

/// Writes inside poll(), one object a call.
class FilesystemWriter final : public ObjectWriter {
 public:
  explicit FilesystemWriter(const std::filesystem::path& root);

  void start_prepare(std::uint64_t token) override;
  void start_put(std::uint64_t token, std::shared_ptr<const NewObject> object) override;
  std::vector<StoreResult> poll(int wake_fd, std::chrono::milliseconds limit) override;

 private:
  struct Work {
    std::uint64_t token;
    std::shared_ptr<const NewObject> object;  ///< null: prepare
  };

  StoreResult run(const Work& work);
  void write(const NewObject& object);
  void make_durable_folder(const std::filesystem::path& folder);

  std::filesystem::path root_;
  std::deque<Work> works_;
  std::set<std::filesystem::path> durable_;  ///< folders whose own entry is known to be on disk
};

class FilesystemReader final : public ObjectReader {
 public:
  explicit FilesystemReader(const std::filesystem::path& root);

  std::optional<std::string> get(const std::string& name) const override;
  ObjectPage list(const std::string& folder, const std::string& after, std::size_t limit) const override;

 private:
  std::filesystem::path root_;
};

}  // namespace comporta
