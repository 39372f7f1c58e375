#pragma once
// What is known of an upload beside its records.

#include <cstddef>
#include <string>
#include <string_view>

namespace comporta::gateway {

struct Occasion {
  std::string upload;    ///< its id
  std::string received;  ///< RFC 3339
  std::string address;   ///< the key in its path; empty: there is none
  std::string caller;    ///< the key of the sender's account; empty: nobody has logged in
  bool by_admin = false;
};

/// A UUIDv7 of the upload's time; the same for the same member of the same record of the same upload.
std::string stamped_uuid(std::string_view upload, std::size_t index, std::string_view member);

}  // namespace comporta::gateway
