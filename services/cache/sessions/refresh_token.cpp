#include "services/cache/sessions/refresh_token.h"

#include <array>

#include "common/access/crypto.h"
#include "common/base/digest.h"
#include "common/base/random.h"

namespace comporta {
namespace {

constexpr std::size_t kSessionBytes = 16;
constexpr std::size_t kSecretBytes = 32;

template <std::size_t Size>
std::string random_text() {
  std::array<std::uint8_t, Size> bytes;
  random_bytes(bytes);
  return to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool has_bytes(std::string_view text, std::size_t count) {
  const auto bytes = from_base64url(text);
  return bytes && bytes->size() == count;
}

}  // namespace

std::string RefreshToken::kept() const {
  return to_hex(sha256(secret));
}

RefreshToken new_refresh_token() {
  return {random_text<kSessionBytes>(), random_text<kSecretBytes>()};
}

std::optional<RefreshToken> parse_refresh_token(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  RefreshToken token{std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
  if (!has_bytes(token.session, kSessionBytes) || !has_bytes(token.secret, kSecretBytes)) return std::nullopt;
  return token;
}

RefreshChain::RefreshChain(std::string_view secret)
    : key_(as_text(hmac_sha256(secret, as_text(sha256_of_pieces({"refresh tokens"}))))) {}

RefreshToken RefreshChain::successor(const RefreshToken& token) const {
  const Sha256 seed = sha256_of_pieces({token.session, token.secret});
  return {token.session, to_base64url(as_text(hmac_sha256(key_, as_text(seed))))};
}

std::optional<std::size_t> RefreshChain::steps(const RefreshToken& token, std::string_view kept,
                                               std::size_t most) const {
  RefreshToken later = token;
  for (std::size_t step = 0;; ++step) {
    if (equal_in_constant_time(later.kept(), kept)) return step;
    if (step == most) return std::nullopt;
    later = successor(later);
  }
}

}  // namespace comporta
