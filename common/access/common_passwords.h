#pragma once
// Passwords of 8 characters and more that are tried first, in lower case. Of a list of any length the head is
// what counts: whoever guesses is slowed down after some tries.

#include <array>
#include <string_view>

namespace comporta {

inline constexpr auto kCommonPasswords = std::to_array<std::string_view>({
    "12345678",       "123456789",    "1234567890",    "12345678910",  "123456789012",  "1234567891011",
    "987654321",      "0987654321",   "9876543210",    "0123456789",   "123123123",     "112233445566",
    "147258369",      "147852369",    "1q2w3e4r",      "1q2w3e4r5t",   "1q2w3e4r5t6y",  "1qaz2wsx",
    "1qaz2wsx3edc",   "q1w2e3r4",     "q1w2e3r4t5y6",  "qwertyuiop",   "qwerty123",     "qwerty1234",
    "qwerty12345",    "qwerty123456", "qwertyuiop123", "asdfghjkl",    "asdfghjkl123",  "zxcvbnm123",
    "abcd1234",       "abcd12345",    "abc123456",     "abc123456789", "abcdefgh",      "abcdefghijkl",
    "password",       "password1",    "password12",    "password123",  "password1234",  "password12345",
    "password123456", "passw0rd",     "p@ssw0rd",      "p@ssw0rd123",  "p@ssword",      "letmein123",
    "letmein1234",    "iloveyou",     "iloveyou123",   "welcome1",     "welcome123",    "welcome1234",
    "admin123",       "admin1234",    "admin12345",    "admin123456",  "administrator", "administrador",
    "changeme",       "changeme123",  "football",      "baseball",     "superman",      "princess",
    "sunshine",       "trustno1",     "starwars",      "master123",    "minhasenha",    "minhasenha123",
    "senha123",       "senha1234",    "senha12345",    "senha123456",  "senha1234567",  "senha12345678",
    "mudar123",       "mudar1234",    "mudarsenha",    "brasil123",    "brasil1234",    "brasil2024",
    "brasil2025",     "brasil2026",   "flamengo",      "flamengo123",  "corinthians",   "corinthians123",
    "palmeiras",      "palmeiras123", "saopaulo123",   "deusefiel",    "deusefiel123",  "jesuscristo",
    "jesuscristo123", "teamo123",     "euteamo123",    "amorzinho",    "padaria123",    "comporta",
    "comporta123",    "comporta1234",
});

}  // namespace comporta
