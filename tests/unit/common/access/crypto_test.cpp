#include "common/access/crypto.h"

#include <gtest/gtest.h>

#include <cctype>

namespace comporta {
namespace {

template <std::size_t Size>
std::array<std::uint8_t, Size> from_hex(std::string_view hex) {
  std::array<std::uint8_t, Size> bytes{};
  for (std::size_t i = 0; i < Size; ++i)
    bytes.at(i) = static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(2 * i, 2)), nullptr, 16));
  return bytes;
}

std::string text_of(const Ed25519Signature& signature) {
  return {signature.begin(), signature.end()};
}

// RFC 8032, 7.1, test 2.
const auto kSeed = from_hex<32>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
const auto kKey = from_hex<32>("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
const auto kSignature = from_hex<64>(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
constexpr std::string_view kMessage = "\x72";

TEST(Ed25519, SignsAsTheStandardDoes) {
  EXPECT_EQ(public_key_of(kSeed), kKey);
  EXPECT_EQ(sign_ed25519(kMessage, kSeed), kSignature);
}

TEST(Ed25519, BelievesNothingThatHasChangedByABit) {
  EXPECT_TRUE(verify_ed25519(kMessage, text_of(kSignature), kKey));
  EXPECT_FALSE(verify_ed25519("\x73", text_of(kSignature), kKey));
  for (std::size_t bit = 0; bit < 8 * kSignature.size(); ++bit) {
    Ed25519Signature changed = kSignature;
    changed.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(verify_ed25519(kMessage, text_of(changed), kKey)) << "bit " << bit;
  }
  EXPECT_FALSE(verify_ed25519(kMessage, text_of(kSignature).substr(1), kKey));
  EXPECT_FALSE(verify_ed25519(kMessage, "", kKey));
}

TEST(Base64Url, WritesAsTheStandardDoes) {
  EXPECT_EQ(to_base64url(""), "");
  EXPECT_EQ(to_base64url("f"), "Zg");
  EXPECT_EQ(to_base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64url("\xFB\xFF"), "-_8");
}

TEST(Base64Url, ReadsOnlyWhatItWouldWrite) {
  EXPECT_EQ(from_base64url("-_8"), "\xFB\xFF");
  EXPECT_EQ(from_base64url(""), "");
  for (const char* bad :
       {"Zg==", "Zg=", "Z", "Zh", "Zm9v YmFy", "Zm9v\nYmFy", "+/8", "Zm9vYmFy.", "\xC3\xA9"})
    EXPECT_EQ(from_base64url(bad), std::nullopt) << bad;
}

TEST(Base64Url, TakesNoOtherByteForALetter) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("AAA") + static_cast<char>(byte);
    const bool is_letter = byte < 128 && (std::isalnum(byte) != 0 || byte == '-' || byte == '_');
    EXPECT_EQ(from_base64url(text).has_value(), is_letter) << byte;
  }
}

TEST(Argon2id, IsOfOnePasswordAndOneSalt) {
  const Argon2idSalt salt = from_hex<16>("000102030405060708090a0b0c0d0e0f");
  const std::string hash = argon2id("correct horse battery", salt);
  EXPECT_EQ(hash.rfind("$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$", 0), 0U) << hash;
  EXPECT_EQ(argon2id("correct horse battery", salt), hash);
  EXPECT_TRUE(verify_argon2id(hash, "correct horse battery"));
  EXPECT_FALSE(verify_argon2id(hash, "correct horse batterz"));
  EXPECT_FALSE(verify_argon2id(hash, ""));
}

TEST(Argon2id, TakesNothingElseForAHash) {
  for (const char* bad :
       {"", "$argon2id$", "$argon2i$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAAA", "plain"})
    EXPECT_FALSE(verify_argon2id(bad, "plain")) << bad;
}

TEST(EqualInConstantTime, ComparesBytesAndLengths) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace comporta
