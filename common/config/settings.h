#pragma once
// One YAML file, read strictly: every fault in it is found in one pass and reported with its file and
// line, and a key nobody asked for is a fault.
//
// In every value, before it is read as text, number or anything else:
//   ${NAME}            is replaced by that environment variable; it is a fault if there is none
//   ${NAME:-default}   the same, but `default` where the variable is missing or empty
// What is put in is not looked at again. A literal `${` cannot be written in the file.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
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
/// of a bad value reports the fault, with what was expected, and returns the fallback, so that reading goes
/// on to the next fault. A getter of a missing key returns the fallback. A key without a value (`key:`) is a
/// fault, except for a section.
class Section {
 public:
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
  /// A secret: `<key>`, or the content of the file that `<key>_file` names (relative to the working
  /// directory; an empty name counts as missing), without its trailing line break; both together, and an
  /// unreadable or empty file, are faults. Never printed.
  std::string secret(std::string_view key, std::string_view fallback) const;
  /// A list of texts; missing means empty.
  std::vector<std::string> texts(std::string_view key) const;
  /// The same, or a single text.
  std::vector<std::string> one_or_more_texts(std::string_view key) const;
  /// A mapping below this one; missing means: all its defaults.
  Section section(std::string_view key) const;
  /// A list of mappings; missing means empty.
  std::vector<Section> sections(std::string_view key) const;
  bool has(std::string_view key) const;
  /// Whether its value is a mapping.
  bool is_mapping(std::string_view key) const;
  /// Whether its value is a list.
  bool is_list(std::string_view key) const;
  /// Whether its value stands in quotes, and so is text whatever it looks like.
  bool is_quoted(std::string_view key) const;
  /// The keys of this mapping, in the order of the file. They count as asked for.
  std::vector<std::string> keys() const;
  /// Reports a fault of `key` that only the caller can see: a contradiction, a missing file.
  void fault(std::string_view key, std::string_view message) const;

 private:
  friend class Settings;
  struct Node;
  explicit Section(std::shared_ptr<Node> node) : node_(std::move(node)) {}
  std::shared_ptr<Node> node_;
};

/// Not thread-safe; read everything at start-up, in one thread, then throw it away.
class Settings {
 public:
  /// Reads `file`. If it is unreadable or not YAML, that is the only fault. `overrides` are texts that take
  /// the place of the file's own under the same top-level key: options of the command line.
  explicit Settings(const std::filesystem::path& file,
                    const std::map<std::string, std::string>& overrides = {});
  ~Settings();
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  Section root();
  /// To be called when all has been read: adds the unknown keys, and returns every fault as
  /// `file:line: path.of.key: what is wrong`, in the order of the lines. Empty means good.
  std::vector<std::string> faults();
  /// What is in effect, as YAML: every value read so far, in the order of reading, defaults included,
  /// secrets as `"***"`.
  std::string effective() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comporta
