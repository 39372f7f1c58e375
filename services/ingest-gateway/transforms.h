#pragma once
// What must never get further than this door is taken out of records, or made unreadable: `transforms` in
// kind.yaml. Done to what has been checked, before anything of it is published, remembered or logged.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/record_schema.h"
#include "common/kinds/kind.h"

namespace comporta::gateway {

/// `**** **** **** ` and the last four characters, spaces and hyphens not counted, however long the text is;
/// `**** **** **** ****` for a text of fewer than eight, of which four would say too much.
std::string masked(std::string_view text);

/// The transforms of one kind. An immutable value: any number of threads may use it at once.
class Transforms {
 public:
  /// `secret` is the key of the hashes.
  Transforms(const std::map<std::string, Transform>& by_pointer, std::string secret);

  bool empty() const;
  /// Rewrites the records that `checked` found in `body`: both are new afterwards. All bytes but those of the
  /// members that the transforms name stay as they are.
  void apply(std::string& body, CheckedUpload& checked) const;

  struct Node;

 private:
  std::string secret_;
  std::shared_ptr<const Node> root_;
};

}  // namespace comporta::gateway
