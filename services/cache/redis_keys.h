#pragma once
// What the names of Redis' keys begin with. `prefix` is the deployment's.
//
//   <prefix>:record:<kind>:<key>      a record's JSON; behind a header (record_header.h) if its family has
//   views <prefix>:view:<kind>:…            what views.lua keeps (prelude/db.lua), and prelude/part.lua,
//   refusals.lua <prefix>:applied                  hash, batch -> `<applied at>,<parts>,<records>,<kind>`
//   and, each in a line of
//                                     its own, `<upload>:<part> <reason>` of the parts that failed
//   <prefix>:applied:order            list of those batches, the oldest first
//   <prefix>:upload:<upload>:<part>   the digest of an upload that came with an Idempotency-Key
//   <prefix>:hold                     while it is there nothing is applied: a replay is taking over
//   <prefix>:libraries                hash, Function library -> when it was last known to be in use (ms)

#include <string>
#include <string_view>

namespace comporta {

inline std::string record_key_start(std::string_view prefix, std::string_view kind) {
  return std::string(prefix) + ":record:" + std::string(kind) + ":";
}

inline std::string view_key_start(std::string_view prefix, std::string_view kind) {
  return std::string(prefix) + ":view:" + std::string(kind) + ":";
}

}  // namespace comporta
