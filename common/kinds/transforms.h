#pragma once
// Members of records are rewritten: `transforms` in kind.yaml. Texts are brought into the form in which they
// are kept, before the schema looks at them. What must never get further than the gateway is taken out, or
// made unreadable, once it has been checked, and before anything of it is published, remembered or logged.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/record_schema.h"
#include "common/kinds/kind.h"

namespace comporta {

/// `**** **** **** ` and the last four characters, spaces and hyphens not counted, however long the text is;
/// `**** **** **** ****` for a text of fewer than eight, of which four would say too much.
std::string masked(std::string_view text);

/// The transforms of one kind. An immutable value: any number of threads may use it at once.
class Transforms {
 public:
  /// `secret` is the key of the hashes.
  Transforms(const std::map<std::string, Transform>& by_pointer, std::string secret);
  explicit Transforms(const std::map<std::string, WrittenForm>& by_pointer);

  bool empty() const;
  /// Whether texts may become longer by it.
  bool may_lengthen() const { return may_lengthen_; }
  /// Rewrites the records that `checked` found in `body`: both are new afterwards, and each record has a line
  /// of its own. All bytes but those of the members that the transforms name stay as they are.
  void apply(std::string& body, CheckedUpload& checked) const;

  struct Node;

 private:
  std::string secret_;
  bool may_lengthen_ = false;
  std::shared_ptr<const Node> root_;
};

/// Brings the texts of an upload into their forms: then `body` has one record a line, and `format` says so. A
/// Problem, and both are as they were, if that is no upload of any kind of records: as check_upload() says
/// it.
std::optional<Problem> bring_into_form(const Transforms& forms, std::string& body, UploadFormat& format,
                                       const UploadLimits& limits);

}  // namespace comporta
