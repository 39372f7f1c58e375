#pragma once
// What the broker has still to confirm, of what was published on one connection.

#include <cstdint>
#include <set>

#include "common/broker/connection.h"

namespace comporta {

/// A plain value of one thread. Tags die with their connection: start a new one then.
class Unconfirmed {
 public:
  void published(std::uint64_t tag) { tags_.insert(tag); }
  void confirmed(const Confirm& confirm) {
    const auto begin = confirm.multiple ? tags_.begin() : tags_.lower_bound(confirm.tag);
    tags_.erase(begin, tags_.upper_bound(confirm.tag));
  }
  bool has_any_up_to(std::uint64_t tag) const { return !tags_.empty() && *tags_.begin() <= tag; }

 private:
  std::set<std::uint64_t> tags_;
};

}  // namespace comporta
