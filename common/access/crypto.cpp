#include "common/access/crypto.h"

#include <sodium.h>

#include "common/base/error.h"

namespace comporta {
namespace {

constexpr int kBase64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kHashBytes = 32;
constexpr std::string_view kParameters = "$argon2id$v=19$m=19456,t=2,p=1$";
static_assert(kArgon2idBytes == std::size_t{19'456} * 1024 && kArgon2idPasses == 2, "as kParameters says");

/// Before the first use in each thread, and cheap after it.
void start() {
  static const bool started = sodium_init() >= 0;
  check(started, "libsodium starts");
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string encode(std::string_view bytes, int variant) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), variant);
  text.pop_back();  // its NUL
  return text;
}

template <typename Array>
std::string_view text_of(const Array& array) {
  return {reinterpret_cast<const char*>(array.data()), array.size()};
}

/// libsodium's own form of a private key: the seed and the public key behind it.
class SecretKey {
 public:
  explicit SecretKey(const Ed25519Seed& seed) {
    start();
    crypto_sign_seed_keypair(key_.data(), secret_.data(), seed.data());
  }
  ~SecretKey() { sodium_memzero(secret_.data(), secret_.size()); }
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;

  const Ed25519Key& key() const { return key_; }
  const unsigned char* data() const { return secret_.data(); }

 private:
  Ed25519Key key_;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_;
};

}  // namespace

Ed25519Key public_key_of(const Ed25519Seed& seed) {
  return SecretKey(seed).key();
}

Ed25519Signature sign_ed25519(std::string_view message, const Ed25519Seed& seed) {
  const SecretKey secret(seed);
  Ed25519Signature signature;
  crypto_sign_detached(signature.data(), nullptr, bytes_of(message), message.size(), secret.data());
  return signature;
}

bool verify_ed25519(std::string_view message, std::string_view signature, const Ed25519Key& key) {
  start();
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(bytes_of(signature), bytes_of(message), message.size(), key.data()) == 0;
}

std::string to_base64url(std::string_view bytes) {
  return encode(bytes, kBase64);
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                       text.data(), text.size(), nullptr, &size, &end, kBase64);
  bytes.resize(size);
  // It takes some bytes of 128 and more for letters.
  if (failed != 0 || end != text.data() + text.size() || to_base64url(bytes) != text) return std::nullopt;
  return bytes;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string argon2id(std::string_view password, const Argon2idSalt& salt) {
  start();
  std::array<unsigned char, kHashBytes> hash;
  if (crypto_pwhash(hash.data(), hash.size(), password.data(), password.size(), salt.data(), kArgon2idPasses,
                    kArgon2idBytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw TransientError("no memory to hash a password");
  constexpr int kPlainBase64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  return std::string(kParameters) + encode(text_of(salt), kPlainBase64) + "$" +
         encode(text_of(hash), kPlainBase64);
}

bool verify_argon2id(const std::string& encoded, std::string_view password) {
  start();
  return encoded.starts_with("$argon2id$") && encoded.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_verify(encoded.c_str(), password.data(), password.size()) == 0;
}

}  // namespace comporta
