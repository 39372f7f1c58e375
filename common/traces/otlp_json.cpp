#include "common/traces/otlp_json.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/base/version.h"
#include "common/json/rapid.h"

namespace comporta {
namespace {

constexpr int kStatusError = 2;

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_text(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_member(Writer& out, const char* name, std::string_view text) {
  out.Key(name);
  write_text(out, text);
}

/// 64-bit numbers are texts in Protobuf's JSON.
void write_attribute(Writer& out, std::string_view name, const SpanValue& value) {
  out.StartObject();
  write_member(out, "key", name);
  out.Key("value");
  out.StartObject();
  if (const auto* number = std::get_if<std::int64_t>(&value))
    write_member(out, "intValue", std::to_string(*number));
  else
    write_member(out, "stringValue", std::get<std::string>(value));
  out.EndObject();
  out.EndObject();
}

std::string nanoseconds(WallClock::time_point time) {
  using std::chrono::nanoseconds;
  return std::to_string(std::chrono::duration_cast<nanoseconds>(time.time_since_epoch()).count());
}

void write_span(Writer& out, const Span& span) {
  out.StartObject();
  write_member(out, "traceId", span.trace);
  write_member(out, "spanId", span.id);
  if (!span.parent.empty()) write_member(out, "parentSpanId", span.parent);
  write_member(out, "name", span.name);
  out.Key("kind");
  out.Int(static_cast<int>(span.kind));
  write_member(out, "startTimeUnixNano", nanoseconds(span.begin));
  write_member(out, "endTimeUnixNano", nanoseconds(std::max(span.begin, span.end)));
  out.Key("attributes");
  out.StartArray();
  for (const auto& [name, value] : span.attributes) write_attribute(out, name, value);
  out.EndArray();
  if (span.failed) {
    out.Key("status");
    out.StartObject();
    out.Key("code");
    out.Int(kStatusError);
    out.EndObject();
  }
  out.EndObject();
}

void write_source(Writer& out, const SpanSource& source) {
  out.Key("resource");
  out.StartObject();
  out.Key("attributes");
  out.StartArray();
  write_attribute(out, "service.namespace", "comporta");
  write_attribute(out, "service.name", source.service);
  write_attribute(out, "service.instance.id", source.instance);
  write_attribute(out, "service.version", kVersion);
  out.EndArray();
  out.EndObject();
}

void write_spans(Writer& out, std::span<const Span> spans) {
  out.Key("scopeSpans");
  out.StartArray();
  out.StartObject();
  out.Key("scope");
  out.StartObject();
  write_member(out, "name", "comporta");
  out.EndObject();
  out.Key("spans");
  out.StartArray();
  for (const Span& span : spans) write_span(out, span);
  out.EndArray();
  out.EndObject();
  out.EndArray();
}

}  // namespace

std::string otlp_json(const SpanSource& source, std::span<const Span> spans) {
  rapidjson::StringBuffer text;
  Writer out(text);
  out.StartObject();
  out.Key("resourceSpans");
  out.StartArray();
  out.StartObject();
  write_source(out, source);
  write_spans(out, spans);
  out.EndObject();
  out.EndArray();
  out.EndObject();
  return {text.GetString(), text.GetSize()};
}

std::size_t rejected_spans(std::string_view answer) {
  const auto document = parse_json(answer);
  if (!document || !document->IsObject()) return 0;
  const rapidjson::Value* const partial = member_of(*document, "partialSuccess");
  if (partial == nullptr || !partial->IsObject()) return 0;
  const rapidjson::Value* const rejected = member_of(*partial, "rejectedSpans");
  if (rejected == nullptr) return 0;
  if (rejected->IsUint64()) return rejected->GetUint64();
  return rejected->IsString() ? whole_number<std::size_t>(text_of(*rejected)).value_or(0) : 0;
}

}  // namespace comporta
