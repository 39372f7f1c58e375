#include "common/traces/otlp_json.h"

#include <gtest/gtest.h>

#include "common/json/rapid.h"
#include "common/telemetry/trace.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

const std::string kTraceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

rapidjson::Document sent(const std::vector<Span>& spans) {
  auto document = parse_json(otlp_json({.service = "storage", .instance = "one"}, spans));
  EXPECT_TRUE(document);
  return document ? std::move(*document) : rapidjson::Document();
}

const rapidjson::Value& at(const rapidjson::Document& document, const char* pointer) {
  const rapidjson::Value* const found = rapidjson::Pointer(pointer).Get(document);
  EXPECT_NE(found, nullptr) << pointer;
  static const rapidjson::Value none;
  return found == nullptr ? none : *found;
}

TEST(OtlpJson, SaysWhoMadeTheSpans) {
  const auto document = sent({});
  EXPECT_EQ(json_text(at(document, "/resourceSpans/0/resource/attributes/1")),
            R"({"key":"service.name","value":{"stringValue":"storage"}})");
  EXPECT_EQ(json_text(at(document, "/resourceSpans/0/resource/attributes/2")),
            R"({"key":"service.instance.id","value":{"stringValue":"one"}})");
  EXPECT_EQ(json_text(at(document, "/resourceSpans/0/scopeSpans/0/spans")), "[]");
}

TEST(OtlpJson, IsASpan) {
  Span span{.trace = "4bf92f3577b34da6a3ce929d0e0e4736",
            .id = "00f067aa0ba902b7",
            .parent = "b7ad6b7169203331",
            .name = "store",
            .kind = SpanKind::kConsumer,
            .begin = WallClock::time_point(1'700'000'000s),
            .end = WallClock::time_point(1'700'000'000s + 5ms)};
  span.add("comporta.records", std::size_t{3});
  span.add("messaging.system", "rabbit\"mq\n");
  EXPECT_EQ(json_text(at(sent({span}), "/resourceSpans/0/scopeSpans/0/spans/0")),
            R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7",)"
            R"("parentSpanId":"b7ad6b7169203331","name":"store","kind":5,)"
            R"("startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000005000000",)"
            R"("attributes":[{"key":"comporta.records","value":{"intValue":"3"}},)"
            R"({"key":"messaging.system","value":{"stringValue":"rabbit\"mq\n"}}]})");
}

TEST(OtlpJson, HasAParentAndAnErrorOnlyWhereThereIsOne) {
  Span span;
  const auto good = sent({span});
  EXPECT_FALSE(at(good, "/resourceSpans/0/scopeSpans/0/spans/0").HasMember("parentSpanId"));
  EXPECT_FALSE(at(good, "/resourceSpans/0/scopeSpans/0/spans/0").HasMember("status"));
  span.failed = true;
  EXPECT_EQ(json_text(at(sent({span}), "/resourceSpans/0/scopeSpans/0/spans/0/status")), R"({"code":2})");
}

TEST(OtlpJson, EndsNoSpanBeforeItsBegin) {
  const Span span{.begin = WallClock::time_point(9s), .end = WallClock::time_point(8s)};
  EXPECT_EQ(text_of(at(sent({span}), "/resourceSpans/0/scopeSpans/0/spans/0/endTimeUnixNano")), "9000000000");
}

TEST(OtlpJson, ReadsHowManyWereNotTaken) {
  EXPECT_EQ(rejected_spans(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}})"), 3U);
  EXPECT_EQ(rejected_spans(R"({"partialSuccess":{"rejectedSpans":4}})"), 4U);
  for (const char* other : {"", "{}", "[]", "no", R"({"partialSuccess":{}})", R"({"partialSuccess":3})",
                            R"({"partialSuccess":{"rejectedSpans":"-3"}})"})
    EXPECT_EQ(rejected_spans(other), 0U) << other;
}

TEST(Span, StandsBelowTheOneOfItsTraceparent) {
  const auto begin = WallClock::now();
  const Span own = span_of(kTraceparent, "b7ad6b7169203331", "POST", SpanKind::kServer, begin);
  EXPECT_EQ(own.trace, trace_id(kTraceparent));
  EXPECT_EQ(own.id, span_id(kTraceparent));
  EXPECT_EQ(own.parent, "b7ad6b7169203331");
  EXPECT_GE(own.end, own.begin);
  const Span below = span_below(kTraceparent, "store", SpanKind::kConsumer, begin);
  EXPECT_EQ(below.trace, own.trace);
  EXPECT_EQ(below.parent, own.id);
  EXPECT_EQ(below.id.size(), 16U);
  EXPECT_NE(below.id, own.id);
}

}  // namespace
}  // namespace comporta
