#include "common/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "common/error.h"

namespace comporta {
namespace {

struct DeleteContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

std::array<std::uint8_t, 8> big_endian(std::uint64_t number) {
  std::array<std::uint8_t, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  return bytes;
}

/// Looked up once: OpenSSL would do it for each digest, which takes longer than a short one itself.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

}  // namespace

Sha256 sha256(std::string_view data) {
  Sha256 digest;
  const int done = EVP_Digest(data.data(), data.size(), digest.data(), nullptr, sha256_method(), nullptr);
  check(done == 1, "OpenSSL computes SHA-256");
  return digest;
}

Sha256 sha256_of_pieces(std::initializer_list<std::string_view> pieces) {
  const std::unique_ptr<EVP_MD_CTX, DeleteContext> context(EVP_MD_CTX_new());
  bool done = context && EVP_DigestInit_ex(context.get(), sha256_method(), nullptr) == 1;
  for (const std::string_view piece : pieces) {
    const auto length = big_endian(piece.size());
    done = done && EVP_DigestUpdate(context.get(), length.data(), length.size()) == 1;
    done = done && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  }
  Sha256 digest;
  done = done && EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
  check(done, "OpenSSL computes SHA-256");
  return digest;
}

Sha256 hmac_sha256(std::string_view key, std::string_view data) {
  check(key.size() <= 1024 * 1024, "an HMAC key is short");
  Sha256 digest;
  if (data.empty()) data = "";  // OpenSSL takes a null pointer for an error
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  const auto* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, data.size(),
                          digest.data(), nullptr);
  check(done != nullptr, "OpenSSL computes HMAC-SHA-256");
  return digest;
}

void append_hex(std::string& text, std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::size_t at = text.size();
  text.resize(at + 2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text[at++] = kDigits[byte >> 4];
    text[at++] = kDigits[byte & 0xF];
  }
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  append_hex(text, bytes);
  return text;
}

}  // namespace comporta
