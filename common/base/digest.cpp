#include "common/base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <memory>

#include "common/base/error.h"

namespace comporta {
namespace {

struct DeleteContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

std::string big_endian(std::uint64_t number) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

/// One digest at a time for each thread. What OpenSSL would look up and allocate for each takes longer than a
/// short one itself.
class Hashing {
 public:
  Hashing() {
    static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    done_ = context() != nullptr && EVP_DigestInit_ex2(context(), method, nullptr) == 1;
  }
  void add(std::string_view piece) {
    done_ = done_ && EVP_DigestUpdate(context(), piece.data(), piece.size()) == 1;
  }
  Sha256 finish() {
    Sha256 digest;
    done_ = done_ && EVP_DigestFinal_ex(context(), digest.data(), nullptr) == 1;
    check(done_, "OpenSSL computes SHA-256");
    return digest;
  }

 private:
  static EVP_MD_CTX* context() {
    thread_local const std::unique_ptr<EVP_MD_CTX, DeleteContext> context(EVP_MD_CTX_new());
    return context.get();
  }

  bool done_;
};

}  // namespace

Sha256 sha256(std::string_view data) {
  Hashing hashing;
  hashing.add(data);
  return hashing.finish();
}

std::array<std::uint8_t, 20> sha1(std::string_view data) {
  std::array<std::uint8_t, 20> digest;
  SHA1(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data());
  return digest;
}

Sha256 sha256_of_pieces(std::initializer_list<std::string_view> pieces) {
  Hashing hashing;
  for (const std::string_view piece : pieces) {
    hashing.add(big_endian(piece.size()));
    hashing.add(piece);
  }
  return hashing.finish();
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
