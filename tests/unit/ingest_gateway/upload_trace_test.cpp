#include "services/ingest-gateway/upload_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/telemetry/trace.h"
#include "services/ingest-gateway/batch_trace.h"
#include "services/ingest-gateway/http_api.h"
#include "tests/support/kept_spans.h"
#include "tests/unit/ingest_gateway/uploads.h"

namespace comporta::gateway {
namespace {

using test::attribute;
using testing::ElementsAre;

const std::string kCaller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const std::string kUnsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

KindSet load_kinds() {
  std::vector<std::string> faults;
  return KindSet::load(std::string(COMPORTA_SOURCE_DIR) + "/kinds", faults);
}

/// Keeps what it is given; a working stand-in for the publisher.
class FakeQueue final : public UploadQueue {
 public:
  std::string refusal() override { return {}; }
  std::optional<Place> place(std::size_t) override { return Place{}; }
  void submit(std::shared_ptr<Upload> upload) override { uploads.push_back(std::move(upload)); }

  std::vector<std::shared_ptr<Upload>> uploads;
};

class UploadTraceTest : public testing::Test {
 protected:
  Intake intake() const { return {.kind = kinds.find("transaction")}; }
  HttpRequest request(const std::string& traceparent, std::string body = std::string(kRecord)) const {
    return {.method = "POST",
            .path = "/api/v1/records/transaction",
            .query = {},
            .headers = {{"content-type", "application/json"}, {"traceparent", traceparent}},
            .body = std::move(body)};
  }
  IngestSettings settings(double ratio, bool anonymous_decide = true) const {
    return {.passwords = {.secret = "the secret of the passwords of the tests"},
            .sampling = {.ratio = ratio, .anonymous_decide = anonymous_decide}};
  }
  void receive(const IngestSettings& how, HttpRequest made, SpanSink* sink) {
    Ingest ingest(how, kinds, queue, memory, metrics, sink);
    ingest.receive(intake(), std::move(made), clients.responder());
  }

  static constexpr std::string_view kRecord =
      R"({"_id":"c1","isActive":true,"cliente":"Ana","email":"ana@example.com",)"
      R"("endereco":"Cidade A, Estado A, 1000","datatrasancao":"2024-03-11T12:00:00 +00:00"})";

  const KindSet kinds = load_kinds();
  test::KeptSpans spans;
  Metrics metrics;
  FakeQueue queue;
  IdempotencyMemory memory{100};
  Clients clients;
};

TEST_F(UploadTraceTest, IsOneTreeBelowItsCaller) {
  receive(settings(0), request(kCaller), &spans);
  ASSERT_EQ(queue.uploads.size(), 1U);
  Batcher batcher({});
  const auto upload = queue.uploads.front();
  batcher.add(upload);
  const auto batch = batcher.next(Batcher::Clock::now());
  ASSERT_TRUE(batch && batch->is_traced);
  trace_departure(*batch);
  trace_departure(*batch);  // again, after a lost connection
  trace_landing(*batch, "comporta.records", true);
  upload->responder.send({.status = 202});
  EXPECT_THAT(spans.names(), ElementsAre("check", "wait", "publish", "POST /api/v1/records/{kind}"));
  const Span root = spans.named("POST /api/v1/records/{kind}");
  EXPECT_EQ(root.parent, span_id(kCaller));
  EXPECT_EQ(root.id, span_id(upload->header.traceparent));
  EXPECT_EQ(attribute(root, "http.response.status_code"), "202");
  EXPECT_EQ(attribute(root, "http.request.method"), "POST");
  for (const Span& span : spans.all()) {
    EXPECT_EQ(span.trace, trace_id(kCaller));
    EXPECT_LE(root.begin, span.begin);
    EXPECT_LE(span.begin, span.end);
    EXPECT_EQ(span.parent, span.id == root.id ? span_id(kCaller) : root.id);
  }
  EXPECT_EQ(attribute(spans.named("check"), "comporta.records"), "1");
  EXPECT_EQ(attribute(spans.named("publish"), "messaging.message.id"), batch->id);
  EXPECT_LE(spans.named("check").end, spans.named("wait").begin);
}

TEST_F(UploadTraceTest, HasOnePublishForAllPartsInABatch) {
  auto upload = upload_of(clients, 2'500, 20);
  upload->header.traceparent = kCaller;
  upload->trace = std::make_unique<UploadTrace>(spans, kCaller, HttpRequest{},
                                                TracedRoute{"/", "transaction"}, upload->responder);
  Batcher batcher({});
  batcher.add(upload);
  const auto batch = batcher.next(Batcher::Clock::now());
  trace_departure(*batch);
  trace_landing(*batch, "comporta.records", false);
  EXPECT_THAT(spans.names(), ElementsAre("wait", "publish"));
  EXPECT_EQ(attribute(spans.named("publish"), "comporta.parts"), "3");
  EXPECT_TRUE(spans.named("publish").failed);
}

TEST_F(UploadTraceTest, OfWhatIsRefusedThereIsTheCheck) {
  receive(settings(0), request(kCaller, "[{}]"), &spans);
  EXPECT_THAT(spans.names(), ElementsAre("check", "POST /api/v1/records/{kind}"));
  const Span root = spans.named("POST /api/v1/records/{kind}");
  EXPECT_EQ(attribute(root, "http.response.status_code"), "422");
  EXPECT_FALSE(root.failed) << "it is its sender's fault";
}

TEST_F(UploadTraceTest, IsNotThereOfWhatIsNotSampled) {
  receive(settings(0), request(""), &spans);
  receive(settings(1), request(kUnsampled), &spans);
  receive(settings(0, false), request(kCaller), &spans);
  receive(settings(1), request(kCaller), nullptr);
  for (const auto& upload : queue.uploads) EXPECT_FALSE(upload->trace);
  EXPECT_TRUE(spans.all().empty());
  EXPECT_TRUE(is_sampled(queue.uploads.back()->header.traceparent)) << "others may have their traces on";
}

TEST_F(UploadTraceTest, ThatTheDoorBeginsIsNobodysDecisionAndBelowNothing) {
  HttpRequest begun = request(kUnsampled);
  begun.headers.emplace_back("trace-begins", "yes");
  receive(settings(1), begun, &spans);
  begun.headers[1].second = kCaller;
  receive(settings(0), begun, &spans);
  ASSERT_EQ(queue.uploads.size(), 2U);
  EXPECT_TRUE(queue.uploads[0]->trace);
  EXPECT_FALSE(queue.uploads[1]->trace);
  queue.uploads[0]->responder.send({.status = 202});
  EXPECT_EQ(spans.named("POST /api/v1/records/{kind}").parent, "");
  EXPECT_EQ(spans.named("POST /api/v1/records/{kind}").trace, trace_id(kCaller));
}

TEST_F(UploadTraceTest, IsSampledByLotWhereNobodyDecides) {
  receive(settings(1), request(""), &spans);
  receive(settings(1, false), request(kUnsampled), &spans);
  for (const auto& upload : queue.uploads) EXPECT_TRUE(upload->trace);
  queue.uploads.clear();
  EXPECT_EQ(spans.all().front().name, "check");
}

}  // namespace
}  // namespace comporta::gateway
