#include "common/access/password.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

std::string fault(std::string_view password, std::string_view login = "ana@example.com",
                  PasswordRules rules = {}) {
  return fault_of_password(password, login, rules).value_or("none");
}

TEST(PasswordRules, AskForLengthAndNothingOfComposition) {
  EXPECT_EQ(fault("elevencharx"), "must have at least 12 characters");
  EXPECT_EQ(fault("twelve chars"), "none");
  EXPECT_EQ(fault("ção ção ção!"), "none") << "characters are counted, not bytes";
  EXPECT_EQ(fault("🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂x"), "none");
  EXPECT_EQ(fault("eightcha", "ana", {.least = 8}), "none");
  EXPECT_EQ(fault(std::string(127, ' ') + "x"), "none");
  EXPECT_EQ(fault(std::string(128, ' ') + "x"), "must have at most 128 characters");
}

TEST(PasswordRules, RefuseWhatIsTriedFirst) {
  EXPECT_EQ(fault("ANA@example.com"), "must not be the login name");
  EXPECT_EQ(fault("ＡＮＡ@example.com "), "must not be the login name") << "however it is written";
  for (const char* common : {"senha12345678", "Password1234", "aaaaaaaaaaaa", "abcabcabcabc", "121212121212"})
    EXPECT_EQ(fault(common), "is one of the passwords that are tried first; choose another") << common;
  EXPECT_EQ(fault(std::string("twelve chars\0and more", 21)), "must not have the character NUL");
}

class PasswordHasherTest : public ::testing::Test {
 protected:
  PasswordHasher hasher{std::string(32, 'k')};
};

TEST_F(PasswordHasherTest, IsTheSameForOneAccountAndAnotherForEachOther) {
  const std::string hash = hasher.hash("client/ana", "correct horse battery");
  EXPECT_EQ(hasher.hash("client/ana", "correct horse battery"), hash);
  EXPECT_NE(hasher.hash("client/bob", "correct horse battery"), hash);
  EXPECT_TRUE(hasher.matches(hash, "correct horse battery"));
  EXPECT_FALSE(hasher.matches(hash, "correct horse batterz"));
}

TEST_F(PasswordHasherTest, IsOfNoUseWithoutTheSecret) {
  const PasswordHasher other(std::string(32, 'x'));
  EXPECT_FALSE(other.matches(hasher.hash("client/ana", "correct horse battery"), "correct horse battery"));
}

TEST_F(PasswordHasherTest, TellsLongAndOddPasswordsApart) {
  const std::string base(100, 'p');
  const std::string hash = hasher.hash("a", base + "1");
  EXPECT_FALSE(hasher.matches(hash, base + "2"));
  EXPECT_FALSE(hasher.matches(hash, std::string(base + "1").append(1, '\0')));
}

TEST_F(PasswordHasherTest, KnowsTheHashesOfImports) {
  const std::string hash = "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.";
  EXPECT_TRUE(hasher.matches(hash, "correct horse battery"));
  EXPECT_FALSE(hasher.matches(hash, "wrong"));
  EXPECT_FALSE(hasher.matches("$2b$31$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.", "any"))
      << "too dear";
  EXPECT_FALSE(hasher.matches("", ""));
  EXPECT_FALSE(hasher.matches("$2b$", "x"));
  EXPECT_FALSE(hasher.matches(hash, std::string("correct horse battery\0x", 23))) << "a NUL ends nothing";
}

TEST_F(PasswordHasherTest, KnowsWhichHashesItCanCheck) {
  const std::string own = hasher.hash("a", "correct horse battery");
  const std::string bcrypt = "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.";
  EXPECT_TRUE(hasher.can_match(own));
  EXPECT_TRUE(hasher.can_match(bcrypt));
  for (const std::string& bad :
       {own.substr(1), own + "x", std::string(own).replace(own.find("19456"), 5, "99999"), bcrypt + "x",
        "$2b$15" + bcrypt.substr(6), "$2b$03" + bcrypt.substr(6), "$2b$0x" + bcrypt.substr(6),
        bcrypt.substr(0, 59) + "$", std::string("correct horse battery")})
    EXPECT_FALSE(hasher.can_match(bad)) << bad;
  EXPECT_TRUE(looks_hashed(own) && looks_hashed(bcrypt) && looks_hashed("$2b$"));
  EXPECT_FALSE(looks_hashed("correct $2b$ battery"));
}

}  // namespace
}  // namespace comporta
