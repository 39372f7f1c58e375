#pragma once
// One YAML file, read strictly: every fault in it is found in one pass and reported with its file and
// line, and a key nobody asked for is a fault. The only place that knows yaml-cpp.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace comporta {

struct CountRule {
  std::int64_t fallback;  ///< used when the key is missing
  std::int64_t min;
  std::int64_t max;
};

struct DurationRule {
  std::chrono::milliseconds fallback;
  std::chrono::milliseconds min;
  std::chrono::milliseconds max;
};

struct BytesRule {
  std::size_t fallback;
  std::size_t min;
  std::size_t max;
};

class Settings;

/// One mapping of the file. A plain value that refers to its Settings, which must outlive it. A getter
/// of a bad value reports the fault and returns the fallback, so that reading goes on to the next fault.
class Section {
 public:
  /// Text; `${NAME}` in it is replaced by that environment variable (a missing one is a fault).
  std::string text(std::string_view key, std::string_view fallback) const;
  /// As text, but a missing or empty value is a fault.
  std::string required_text(std::string_view key) const;
  std::int64_t count(std::string_view key, CountRule rule) const;
  /// A number with its unit: `250ms`, `10s`, `5m`, `24h`.
  std::chrono::milliseconds duration(std::string_view key, DurationRule rule) const;
  /// A number with its unit: `512B`, `64KiB`, `1MiB`, `2GiB`.
  std::size_t bytes(std::string_view key, BytesRule rule) const;
  bool flag(std::string_view key, bool fallback) const;
  std::string choice(std::string_view key, std::string_view fallback,
                     const std::vector<std::string>& allowed) const;
  /// A secret: `<key>` (with `${NAME}`), or the content of the file that `<key>_file` names, without its
  /// trailing line break; both together are a fault. Never printed.
  std::string secret(std::string_view key, std::string_view fallback) const;
  /// A list of texts; missing means empty.
  std::vector<std::string> texts(std::string_view key) const;
  /// A mapping below this one; missing means: all its defaults.
  Section section(std::string_view key) const;
  /// A list of mappings; missing means empty.
  std::vector<Section> sections(std::string_view key) const;
  bool has(std::string_view key) const;
  /// The keys of this mapping, in the order of the file. They count as asked for.
  std::vector<std::string> keys() const;
  /// Reports a fault of `key` that only the caller can see: a contradiction, a missing file.
  void fault(std::string_view key, std::string_view message) const;

 private:
  friend class Settings;
  struct Node;
  Section(Settings* owner, std::shared_ptr<Node> node) : owner_(owner), node_(std::move(node)) {}
  Settings* owner_;
  std::shared_ptr<Node> node_;
};

/// Not thread-safe; read everything at start-up, in one thread, then throw it away.
class Settings {
 public:
  /// Reads `file`. An unreadable file or bad YAML is a fault like any other.
  explicit Settings(const std::filesystem::path& file);
  ~Settings();
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  Section root();
  /// To be called when all has been read: adds the unknown keys, and returns every fault as
  /// `file:line: key: what is wrong`, in the order of the lines. Empty means good.
  std::vector<std::string> faults();
  /// What is in effect, as YAML, defaults included, secrets as `***`.
  std::string effective() const;

 private:
  friend class Section;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comporta
