#pragma once
// What the names of Redis' keys begin with. `prefix` is the deployment's.
//
//   <prefix>:record:<kind>:<key>      a record's JSON, with views behind a header: record_header.h; a
//                                     header alone is a deletion that is remembered
//   <prefix>:view:<kind>:…            what views keep: db.lua, part.lua, refusals.lua, wake.lua in prelude/
//                                     of a kind of accounts also login:<login>, account:<key>, accounts:
//                                     accounts.lua
//   <prefix>:applied                  hash, batch -> `<applied at>,<parts>,<records>,<kind>`, and behind
//                                     it, each in a line, the parked parts: redis/applied_entry.h
//   <prefix>:applied:order            list of those batches, the oldest first
//   <prefix>:sent-back                hash, batch -> in each line `<n> <batch>`: the n-th of its parked parts
//                                     comes again in that one. Written by `dead redrive` alone, which also
//                                     takes away those of batches that are remembered no more
//   <prefix>:upload:<upload>:<part>   the digest of an upload that came with an Idempotency-Key
//   <prefix>:outcome:<upload>         what became of it: redis/upload_hash.h
//   <prefix>:hold                     while it is there nothing is applied: a replay is taking over
//
// Beside the prefix, where a replay leaves them alone:
//   <prefix>-people:…                 sessions, and logins that failed: sessions/redis_store.h
//   <prefix>-reactions:…              what became of the tries of reactions: reactions/outbox.h
//   <prefix>-lookups:<kind>:<lookup>:<hash>   what a provider said, and when: lookups/known_answers.h

#include <string>
#include <string_view>

namespace comporta {

inline std::string record_key_start(std::string_view prefix, std::string_view kind) {
  return std::string(prefix) + ":record:" + std::string(kind) + ":";
}

inline std::string view_key_start(std::string_view prefix, std::string_view kind) {
  return std::string(prefix) + ":view:" + std::string(kind) + ":";
}

inline std::string outcome_key_start(std::string_view prefix) {
  return std::string(prefix) + ":outcome:";
}

}  // namespace comporta
