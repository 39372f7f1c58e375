#include "common/access/password.h"

#include <crypt.h>

#include <algorithm>
#include <memory>

#include "common/access/common_passwords.h"
#include "common/access/crypto.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/folded_text.h"
#include "common/base/text.h"
#include "common/base/utf8.h"

namespace comporta {
namespace {

constexpr std::string_view kArgon2id = "$argon2id$";
constexpr std::string_view kBcrypt = "$2b$";
constexpr std::size_t kBcryptBytes = 60;
constexpr std::string_view kBcryptLetters =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDearestBcrypt = "$2b$14$";  // about a second; each step more doubles it

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

/// One piece again and again, such as `aaaaaaaaaaaa` or `abcabcabcabc`.
bool repeats_itself(std::string_view text) {
  constexpr std::size_t kLongestPiece = 4;
  for (std::size_t piece = 1; piece <= kLongestPiece && 2 * piece <= text.size(); ++piece)
    if (text.substr(piece) == text.substr(0, text.size() - piece)) return true;
  return false;
}

bool is_common(std::string_view password) {
  const std::string text = lower(password);
  return repeats_itself(text) ||
         std::find(kCommonPasswords.begin(), kCommonPasswords.end(), text) != kCommonPasswords.end();
}

/// `$2b$12$` and 53 letters.
bool is_bcrypt(std::string_view hash) {
  if (hash.size() != kBcryptBytes || !hash.starts_with(kBcrypt)) return false;
  const std::string_view cost = hash.substr(0, kDearestBcrypt.size());
  return cost >= "$2b$04$" && cost <= kDearestBcrypt && cost.find_first_not_of("0123456789", 4) == 6 &&
         hash.find_first_not_of(kBcryptLetters, cost.size()) == std::string_view::npos;
}

/// A NUL would end the password there.
bool matches_bcrypt(const std::string& hash, const std::string& password) {
  if (password.find('\0') != std::string::npos) return false;
  if (!is_bcrypt(hash)) return false;
  const auto room = std::make_unique<crypt_data>();
  const char* const again = crypt_r(password.c_str(), hash.c_str(), room.get());
  return again != nullptr && equal_in_constant_time(again, hash);
}

}  // namespace

std::optional<std::string> fault_of_password(std::string_view password, std::string_view login,
                                             const PasswordRules& rules) {
  const std::size_t characters = count_code_points(password);
  if (characters < rules.least) return "must have at least " + std::to_string(rules.least) + " characters";
  if (characters > kLongestPassword)
    return "must have at most " + std::to_string(kLongestPassword) + " characters";
  if (password.find('\0') != std::string_view::npos) return "must not have the character NUL";
  if (!login.empty() && folded(password) == folded(login)) return "must not be the login name";
  if (is_common(password)) return "is one of the passwords that are tried first; choose another";
  return std::nullopt;
}

bool looks_hashed(std::string_view password) {
  return password.starts_with(kArgon2id) || password.starts_with(kBcrypt);
}

PasswordHasher::PasswordHasher(std::string secret) : secret_(std::move(secret)) {
  check(secret_.size() >= kLeastPasswordSecret, "the secret of passwords is long enough");
  nobodys_ = hash("", "");
}

/// Its length says nothing of the password's, and no NUL ends it.
std::string PasswordHasher::keyed(std::string_view password) const {
  return to_base64url(as_text(hmac_sha256(secret_, password)));
}

std::string PasswordHasher::hash(std::string_view account, std::string_view password) const {
  const Sha256 digest = hmac_sha256(secret_, as_text(sha256_of_pieces({"salt", account, password})));
  Argon2idSalt salt;
  std::copy_n(digest.begin(), salt.size(), salt.begin());
  return argon2id(keyed(password), salt);
}

bool PasswordHasher::matches(const std::string& hash, std::string_view password) const {
  if (hash.starts_with(kBcrypt)) return matches_bcrypt(hash, std::string(password));
  return verify_argon2id(hash, keyed(password));
}

bool PasswordHasher::can_match(std::string_view hash) const {
  const std::string_view parameters = std::string_view(nobodys_).substr(0, nobodys_.find("p=1$") + 4);
  return is_bcrypt(hash) || (hash.size() == nobodys_.size() && hash.starts_with(parameters));
}

void PasswordHasher::match_nothing(std::string_view password) const {
  static_cast<void>(matches(nobodys_, password));
}

}  // namespace comporta
