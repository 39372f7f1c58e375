#include "services/ingest-gateway/kinds_json.h"

#include "common/base/text.h"

namespace comporta::gateway {
namespace {

std::string in_both_languages(std::string_view pt, std::string_view en) {
  return "{\"pt\":" + json_string(pt) + ",\"en\":" + json_string(en) + "}";
}

template <typename Range, typename ToJson>
std::string json_array(const Range& range, ToJson to_json) {
  std::string out = "[";
  for (const auto& item : range) {
    if (out.size() > 1) out.push_back(',');
    out.append(to_json(item));
  }
  return out + "]";
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
    }
  }
  return out;
}

std::string sample_json(const KindSample& sample, const std::string& base) {
  return "{\"file\":" + json_string(sample.file) +
         ",\"title\":" + in_both_languages(sample.title_pt, sample.title_en) +
         ",\"href\":" + json_string(base + "/samples/" + percent_encode(sample.file)) + "}";
}

std::string parameter_json(const std::string& name, const QueryParameter& parameter) {
  using Type = QueryParameter::Type;
  std::string out = "{\"name\":" + json_string(name) + ",\"type\":" + json_string(type_name(parameter.type)) +
                    ",\"required\":" + (parameter.required ? "true" : "false");
  if (!parameter.fallback.empty()) out += ",\"default\":" + json_string(parameter.fallback);
  if (parameter.type == Type::kText || parameter.type == Type::kCount)
    out += ",\"min\":" + std::to_string(parameter.min) + ",\"max\":" + std::to_string(parameter.max);
  return out + "}";
}

std::string query_json(const Kind& kind, const std::string& name, const KindQuery& query) {
  const auto one = [](const auto& entry) { return parameter_json(entry.first, entry.second); };
  return "{\"name\":" + json_string(name) +
         ",\"title\":" + in_both_languages(query.title_pt, query.title_en) +
         ",\"href\":" + json_string("/api/v1/views/" + kind.name + "/" + name) +
         ",\"parameters\":" + json_array(query.parameters, one) + "}";
}

std::string labels_json(const Kind& kind) {
  std::string out;
  for (const auto& [member, label] : kind.labels)
    out += (out.empty() ? "" : ",") + json_string(member) + ":" + in_both_languages(label.pt, label.en);
  return "{" + out + "}";
}

std::string kind_json(const Kind& kind) {
  const std::string base = std::string(kKindsPath) + "/" + kind.name;
  const auto text = [](const std::string& member) { return json_string(member); };
  const auto pointer = [](const auto& entry) { return json_string(entry.first); };
  const auto query = [&](const auto& entry) { return query_json(kind, entry.first, entry.second); };
  const auto sample = [&](const auto& one) { return sample_json(one, base); };
  return "{\"name\":" + json_string(kind.name) + ",\"family\":" + json_string(kind.family) +
         ",\"title\":" + in_both_languages(kind.title_pt, kind.title_en) +
         ",\"key\":" + json_string(kind.key) + ",\"ttl_seconds\":" + std::to_string(kind.ttl.count()) +
         ",\"time_zone\":" + json_string(kind.time_zone.name) +
         ",\"cache_fields\":" + json_array(kind.cache_fields, text) +
         ",\"transforms\":" + json_array(kind.transforms, pointer) + ",\"labels\":" + labels_json(kind) +
         ",\"views\":" + json_array(kind.views.queries, query) +
         ",\"schema\":" + json_string(base + "/schema.json") +
         ",\"samples\":" + json_array(kind.samples, sample) + "}";
}

}  // namespace

std::string kinds_json(const KindSet& kinds) {
  const auto one = [](const auto& entry) { return kind_json(entry.second); };
  return "{\"kinds\":" + json_array(kinds.all(), one) + "}";
}

}  // namespace comporta::gateway
