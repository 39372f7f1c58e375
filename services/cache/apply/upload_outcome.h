#pragma once
// What became of an upload, as a store remembers it for a day. A plain value.

#include <cstddef>
#include <map>
#include <string>

namespace comporta {

struct NotApplied {
  std::string key;
  std::string outcome;  ///< `refused` or `late`
  std::string reason;   ///< for people
  bool operator==(const NotApplied&) const = default;
};

/// Of an upload that nobody who had logged in sent, only the parts are known of which something was not
/// applied.
struct UploadOutcome {
  std::string principal = {};                          ///< who sent it; empty: nobody who had logged in
  std::size_t parts = 0;                               ///< that it has; 0: nothing is known of it
  std::map<std::size_t, std::size_t> records_of = {};  ///< by part, from 1, that was applied: how many it has
  std::map<std::size_t, NotApplied> not_applied = {};  ///< by number in the upload, from 0: the first of them
  std::size_t more = 0;                                ///< how many were not applied beside these
  bool is_marked = false;  ///< its first part was applied, which its Idempotency-Key is remembered by

  bool operator==(const UploadOutcome&) const = default;
};

}  // namespace comporta
