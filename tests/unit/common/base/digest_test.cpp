#include "common/base/digest.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

// FIPS 180-4 and its published examples.
TEST(Sha256, OfPublishedExamples) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256OfPieces, IsThatOfLengthsAndPieces) {
  const std::string laid_out("\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\1c", 19);
  EXPECT_EQ(sha256_of_pieces({"ab", "c"}), sha256(laid_out));
  EXPECT_EQ(sha256_of_pieces({}), sha256(""));
}

TEST(Sha256OfPieces, DependsOnWhereThePiecesEnd) {
  EXPECT_NE(sha256_of_pieces({"ab", "c"}), sha256_of_pieces({"a", "bc"}));
  EXPECT_NE(sha256_of_pieces({"a", ""}), sha256_of_pieces({"", "a"}));
  EXPECT_NE(sha256_of_pieces({"a"}), sha256_of_pieces({"a", ""}));
}

// RFC 4231, test cases 1, 2 and 6.
TEST(HmacSha256, OfPublishedExamples) {
  EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, TakesNothingAsKeyAndData) {
  EXPECT_EQ(to_hex(hmac_sha256({}, {})), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Sha256, ServesAsTheNextKey) {
  const Sha256 key = hmac_sha256("a", "b");
  EXPECT_EQ(as_text(key), std::string(key.begin(), key.end()));
}

}  // namespace
}  // namespace comporta
