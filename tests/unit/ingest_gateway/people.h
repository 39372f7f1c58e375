#pragma once
// People for tests, and the gatekeeper that knows them.

#include <fstream>
#include <string>
#include <vector>

#include "common/access/gatekeeper.h"
#include "tests/support/temporary_folder.h"

namespace comporta::gateway {

/// A gatekeeper, and tokens that it believes.
class People {
 public:
  explicit People(bool closed = false) : keeper_({.closed = closed, .keys_file = key_file()}, metrics_) {}

  Gatekeeper& keeper() { return keeper_; }
  std::string metrics_text() const { return metrics_.render(); }
  /// The value of an Authorization header.
  std::string token(const std::string& principal, const std::vector<std::string>& roles = {}) const {
    const std::int64_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    const Claims claims{.subject = principal,
                        .session = "s",
                        .roles = roles,
                        .id = "t",
                        .issued = now,
                        .expires = now + 600,
                        .not_before = now};
    return "Bearer " + sign_token(claims, {}, key_);
  }

 private:
  std::string key_file() const {
    const auto file = folder_.path() / "keys.json";
    std::ofstream(file) << whole_key_set({{key_}});
    return file;
  }

  test::TemporaryFolder folder_;
  TokenKey key_ = new_token_key();
  Metrics metrics_;
  Gatekeeper keeper_;
};

}  // namespace comporta::gateway
