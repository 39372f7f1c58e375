#pragma once
// Passwords: what one may be, what becomes of it at the door, and whether a given one is right.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace comporta {

inline constexpr std::size_t kLeastPasswordSecret = 32;  ///< bytes, of what hashes are keyed with
inline constexpr std::size_t kLongestPassword = 128;     ///< characters

struct PasswordRules {
  std::size_t least = 12;  ///< characters, from 8 on
};

/// What is wrong with it, as `must …` for people; nothing if nothing is. There are no rules of composition
/// (NIST SP 800-63B, 5.1.1.2): it is long enough, not one of the commonest, and not the login name.
std::optional<std::string> fault_of_password(std::string_view password, std::string_view login,
                                             const PasswordRules& rules);

/// Whether it begins as a hash does; people's passwords must not.
bool looks_hashed(std::string_view password);

/// Hashes with a secret that no store has: nobody can test a guess on what is published without it. Any
/// thread; one hash takes some tens of milliseconds and 19 MiB (crypto.h).
class PasswordHasher {
 public:
  /// `secret` of 32 bytes or more.
  explicit PasswordHasher(std::string secret);

  /// The same for the same account and password, so that an upload that comes again is the same upload;
  /// another for every account. Throws TransientError without memory.
  std::string hash(std::string_view account, std::string_view password) const;
  /// Also of `$2b$` (bcrypt), as imports bring it; false for what is no such hash.
  bool matches(const std::string& hash, std::string_view password) const;
  /// Of what hash() gives.
  std::size_t hash_bytes() const { return nobodys_.size(); }
  /// Whether matches() could be true of it: one of its own form, or a `$2b$` that is not too dear to check.
  bool can_match(std::string_view hash) const;
  /// Takes as long as matches() of a password that is wrong: for names that nobody has.
  void match_nothing(std::string_view password) const;

 private:
  std::string keyed(std::string_view password) const;

  std::string secret_;
  std::string nobodys_;
};

}  // namespace comporta
