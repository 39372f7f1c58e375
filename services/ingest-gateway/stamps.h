#pragma once
// What the service fills in: `stamps` in kind.yaml. Done last, to what is published: the digest of an upload
// is of what was sent, so that it is the same again whenever it comes again.

#include <cstddef>
#include <map>
#include <string>

#include "common/json/record_schema.h"
#include "common/kinds/kind.h"
#include "services/ingest-gateway/occasion.h"

namespace comporta::gateway {

/// The stamps of one kind. An immutable value: any number of threads may use it at once.
class Stamps {
 public:
  explicit Stamps(const Kind& kind);

  bool empty() const { return stamps_.empty(); }
  bool has_key() const { return stamps_.contains(key_); }
  /// How many bytes longer each record becomes, at most.
  std::size_t growth(const Occasion& occasion) const;
  /// Rewrites the records that `checked` found in `body`: both are new afterwards. What an admin has sent
  /// stays. With an address the key is left alone: set_key() has put it in.
  void apply(std::string& body, CheckedUpload& checked, const Occasion& occasion) const;
  /// Puts the key of the address into the one record, if it is stamped and not there: that one is the
  /// sender's, and belongs to what the digest is of.
  void set_key(std::string& body, CheckedUpload& checked, const std::string& address) const;

 private:
  std::string text_of(const std::string& member, Stamp stamp, std::size_t index,
                      const Occasion& occasion) const;
  /// Of each stamped UUID what it is made from; without those of which that is not there.
  std::map<std::string, std::string> sources_of(std::string_view record) const;
  std::string uuid_of(const std::string& member, std::string_view value, const Occasion& occasion) const;
  std::string members_of(std::size_t index, std::string_view record, const Occasion& occasion) const;

  std::string kind_;
  std::string key_;
  std::map<std::string, Stamp, std::less<>> stamps_;  ///< but for those of the views
  std::map<std::string, std::string> uuid_sources_;
};

}  // namespace comporta::gateway
