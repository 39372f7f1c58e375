#pragma once
// Refresh tokens: `<session>.<secret>`. The first of a session is drawn at random, 256 bits; each later one
// is made from the one before, with a key that no store has. So whoever sends one twice at once, as two tabs
// of a browser do, gets the same successor twice; and one that was replaced long ago is still known for what
// it is, without being kept.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace comporta {

struct RefreshToken {
  std::string session;  ///< 22 of A-Z a-z 0-9 - _
  std::string secret;   ///< 43 of them

  std::string text() const { return session + "." + secret; }
  /// What is kept of it: its hash.
  std::string kept() const;
};

/// Of a new session.
RefreshToken new_refresh_token();
/// Nothing if it is not of that shape.
std::optional<RefreshToken> parse_refresh_token(std::string_view text);

/// Plain value; any thread.
class RefreshChain {
 public:
  /// `secret` of 32 bytes or more.
  explicit RefreshChain(std::string_view secret);

  RefreshToken successor(const RefreshToken& token) const;
  /// How many successors later the token of which `kept` is kept comes: 0 if it is the same one; nothing if
  /// it is not among the first `most`.
  std::optional<std::size_t> steps(const RefreshToken& token, std::string_view kept, std::size_t most) const;

 private:
  std::string key_;
};

}  // namespace comporta
