#pragma once
// What one kind adds to the API's document. Not for others than the files behind openapi.h: it shows
// RapidJSON.

#include <string>

#include "common/access/gatekeeper.h"
#include "common/kinds/kind.h"
#include "services/ingest-gateway/openapi_schema.h"

namespace comporta::gateway {

/// Takes the patterns out of the document, and puts those of each kind in.
class KindOperations {
 public:
  /// Both must outlive it.
  KindOperations(rapidjson::Document& document, const Gatekeeper& keeper, std::size_t least_password);

  void add(const Kind& kind);

 private:
  using Value = rapidjson::Value;

  Value take(const char* path);
  void add_tag(const Kind& kind);
  void add_schemas(const Kind& kind);
  void add_uploads(const Kind& kind);
  void add_record(const Kind& kind);
  Value key_of(const Kind& kind);
  Value whole_schema(const Kind& kind);
  Value schema_of(const Kind& kind, const std::string& member);
  void add_samples(const Kind& kind);
  void add_hook(const Kind& kind);
  Value hook_parameters(const Kind& kind);
  void add_query(const Kind& kind, const std::string& name, const KindQuery& query);
  Value ask(const Kind& kind, const std::string& name, const KindQuery& query, const std::string& id);
  void add_lookup(const Kind& kind, const std::string& name, const KindLookup& lookup);
  void ask_in_address(Value& get, const KindQuery& question);
  void adapt(Value& operation, const Kind& kind, const std::string& suffix, const AccessRule& rule);
  void show_example(Value& operation, const Kind& kind);
  void add_path(const std::string& path, Value item);
  Value copy(const Value& value) { return Value(value, allocator_); }
  Value parse(const std::string& json) { return json_value(json, allocator_); }

  rapidjson::Document& document_;
  JsonAllocator& allocator_;
  const Gatekeeper& keeper_;
  std::size_t least_password_;
  Value uploads_;
  Value record_;
  Value query_;
  Value lookup_;
  Value samples_;
  Value hook_;
};

}  // namespace comporta::gateway
