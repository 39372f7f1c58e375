#pragma once
// How the server of somebody else is named in kind.yaml, for lookups and reactions, and the secrets that it
// is sent.

#include <string>
#include <string_view>
#include <vector>

namespace comporta {

class Section;

/// Of a text with values to be put in: a piece as it stands, and behind it the value of that name, unless
/// that is empty.
struct TextPiece {
  std::string text;
  std::string name;

  bool operator==(const TextPiece&) const = default;
};

/// `a{b}c` in pieces; nothing, too, if its braces do not fit.
std::vector<TextPiece> pieces_of(std::string_view text);

struct ProviderAddress {
  std::string host;            ///< without its port, in lower case; empty: this installation names none
  std::vector<TextPiece> url;  ///< the first begins with `https://` and the host
};

/// The URL at `key`, in whose host nothing is put in. Faults go to the section's owner, and nothing is read
/// then.
ProviderAddress read_address(const Section& section, std::string_view key);

/// A header that has a secret.
struct SecretHeader {
  std::string prefix;  ///< what stands before the secret
  std::string secret;  ///< its name: a file of that name has it
};
SecretHeader read_secret_header(const Section& header);
/// Lower-case letters, digits, _ and -, at most 63.
bool is_secret_name(std::string_view name);
/// The name of a secret at `key`.
std::string read_secret_name(const Section& section, std::string_view key);

/// Whether a kind may send a header of that name: it says nothing of how a request is carried.
bool is_header_name(std::string_view name);
/// Letters, digits and _, at most 63.
bool is_member_name(std::string_view name);

/// `pointer` at `key` must be a JSON pointer into an answer.
void hold_pointer(const Section& section, std::string_view key, const std::string& pointer);

}  // namespace comporta
