#pragma once
// Whom to call because of a record, and what record that leads to: `reactions` in kind.yaml.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/kinds/provider_address.h"

namespace comporta {

/// A header that is sent: with a secret, or a text.
struct ReactionHeader {
  SecretHeader secret = {};          ///< without a name: none
  std::vector<TextPiece> text = {};  ///< of one without a secret
};

/// One member of a record: a text with values put in, or what stands in the answer, or always the same.
struct ReactionMember {
  std::vector<TextPiece> text = {};
  std::vector<std::string> pointers = {};  ///< JSON pointers into the answer: the first at which something is
  std::string json = {};
};

struct ReactionOutcome {
  std::string kind;
  std::map<std::string, ReactionMember> record;
};

struct KindReaction {
  std::string method;  ///< `GET` or `POST`
  ProviderAddress address;
  std::map<std::string, ReactionHeader> headers;
  std::string body;            ///< JSON, in whose texts values are put in; empty: none
  std::string signing_secret;  ///< name of the secret of Standard Webhooks; empty: it is not signed
  ReactionOutcome becomes;     ///< the record of an answer
  ReactionOutcome failed;      ///< the record when there is none
  std::chrono::milliseconds timeout{10'000};
  std::int64_t tries = 8;
};

}  // namespace comporta
