#pragma once
// The gateway's memory of the uploads that came with an Idempotency-Key, by their ids, which client, kind and
// key give. It makes a repeat cheap and tells a clash early; what makes a repeat harmless is the cache's own
// marks, so forgetting one loses nothing.

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace comporta::gateway {

/// The id of an upload with that Idempotency-Key: the same for the same client, kind and key, whenever and
/// wherever it comes; another one for every other. Its time is the key's own, or zero. A UUID may be sent in
/// upper case and come back in lower case.
std::string keyed_upload_id(std::string_view principal, std::string_view kind, std::string_view sent);

class IdempotencyMemory {
 public:
  /// Remembers that many; beyond it the longest unused are forgotten.
  explicit IdempotencyMemory(std::size_t capacity) : capacity_(capacity) {}

  enum class Verdict {
    kNew,        ///< or seen and never confirmed: to be published
    kConfirmed,  ///< the same upload, confirmed before: `receipt` is its receipt
    kConflict,   ///< another body came with this key, or the same for another action
  };
  struct Answer {
    Verdict verdict;
    std::string receipt;
  };

  /// Any thread.
  Answer ask(std::string_view upload, std::string_view digest);
  /// The upload of this id and digest is confirmed. Any other one is ignored. Any thread.
  void confirmed(std::string_view upload, std::string_view digest, std::string_view receipt);

 private:
  struct Entry {
    std::string upload;
    std::string digest;
    std::string receipt;  ///< empty: not confirmed yet
  };

  std::size_t capacity_;
  std::mutex mutex_;
  std::list<Entry> entries_;  ///< the latest used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
};

}  // namespace comporta::gateway
