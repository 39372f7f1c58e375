#include "common/traces/exporter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>

#include "tests/support/scripted_server.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using test::ScriptedServer;

std::size_t count_of(const std::string& text, const std::string& piece) {
  std::size_t count = 0;
  for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++count;
  return count;
}

class SpanExporterTest : public testing::Test {
 protected:
  TraceSettings settings(const std::string& endpoint) const {
    return {.endpoint = endpoint, .max_waiting = 64};
  }
  SpanSource source() const { return {.service = "storage", .instance = "one"}; }
  double count(const std::string& name) const {
    const std::string text = "\n" + metrics.render();
    const std::string line = "\ncomporta_spans_" + name + "_total ";
    const std::size_t found = text.find(line);
    return found == std::string::npos ? -1 : std::stod(text.substr(found + line.size()));
  }

  template <typename Condition>
  static void wait_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(condition());
  }

  Metrics metrics;
  const SpanCounters counters{metrics};
};

TEST_F(SpanExporterTest, SendsWhatItTakes) {
  std::string heard;
  {
    const ScriptedServer receiver([&](const std::string& request) {
      heard += request;
      return ScriptedServer::Answer{.body = "{}"};
    });
    SpanExporter exporter(settings(receiver.endpoint()), source(), counters);
    for (int i = 0; i < 3; ++i) exporter.take({.name = "store"});
    wait_until([&] { return count("sent") == 3; });
  }
  EXPECT_TRUE(heard.starts_with("POST /v1/traces HTTP/1.1\r\n")) << heard;
  EXPECT_NE(heard.find("Content-Type: application/json\r\n"), std::string::npos) << heard;
  EXPECT_EQ(count_of(heard, "\"spanId\""), 3U);
  EXPECT_EQ(count("dropped"), 0);
}

TEST_F(SpanExporterTest, DropsWhatIsTooMuchAndCountsIt) {
  constexpr int kSpans = 10'000;
  std::promise<void> busy;
  std::promise<void> go_on;
  bool is_first = true;
  {
    const ScriptedServer receiver([&](const std::string&) {
      if (std::exchange(is_first, false)) {
        busy.set_value();
        go_on.get_future().wait();
      }
      return ScriptedServer::Answer{.body = "{}"};
    });
    SpanExporter exporter(settings(receiver.endpoint()), source(), counters);
    exporter.take({});
    busy.get_future().wait();  // from here on nothing is taken out of the queue, until its time is over
    for (int i = 0; i < kSpans; ++i) exporter.take({});
    EXPECT_GT(count("dropped"), kSpans / 2);
    go_on.set_value();
  }
  EXPECT_EQ(count("sent") + count("dropped"), 1 + kSpans);
}

TEST_F(SpanExporterTest, CountsWhatTheReceiverDoesNotTake) {
  using Answer = ScriptedServer::Answer;
  const std::pair<Answer, int> cases[] = {{Answer{.status = 503}, 0},
                                          {Answer{.status = 400, .body = "{}"}, 0},
                                          {Answer{.misdeed = ScriptedServer::Misdeed::kReset}, 0},
                                          {Answer{.body = R"({"partialSuccess":{"rejectedSpans":"3"}})"}, 1},
                                          {Answer{.body = R"({"partialSuccess":{"rejectedSpans":"9"}})"}, 0}};
  for (const auto& [answer, sent] : cases) {
    const double all = count("sent") + count("dropped");
    const double sent_before = count("sent");
    const ScriptedServer receiver([&answered = answer](const std::string&) { return answered; });
    SpanExporter exporter(settings(receiver.endpoint()), source(), counters);
    for (int i = 0; i < 4; ++i) exporter.take({});
    wait_until([&] { return count("sent") + count("dropped") == all + 4; });
    EXPECT_LE(count("sent") - sent_before, sent);  // less, if they went in two requests
  }
}

TEST_F(SpanExporterTest, GoesOnWhenTheReceiverIsBack) {
  std::atomic<bool> is_back = false;
  const ScriptedServer receiver([&](const std::string&) {
    return ScriptedServer::Answer{.status = is_back ? 200 : 503, .body = "{}"};
  });
  SpanExporter exporter(settings(receiver.endpoint()), source(), counters);
  exporter.take({});
  wait_until([&] { return count("dropped") == 1; });
  is_back = true;
  exporter.take({});
  wait_until([&] { return count("sent") == 1; });
}

TEST_F(SpanExporterTest, AReceiverThatSaysNothingHoldsUpNobodyAtTheEnd) {
  {
    const ScriptedServer receiver([](const std::string&) {
      return ScriptedServer::Answer{.misdeed = ScriptedServer::Misdeed::kStall};
    });
    SpanExporter exporter(settings(receiver.endpoint()), source(), counters);
    for (int i = 0; i < 10; ++i) exporter.take({});
  }
  EXPECT_EQ(count("dropped"), 10);
}

TEST_F(SpanExporterTest, SomebodyWhoIsNotThereHoldsUpNobody) {
  {
    SpanExporter exporter(settings("http://127.0.0.1:1"), source(), counters);
    for (int i = 0; i < 10; ++i) exporter.take({});
  }
  EXPECT_EQ(count("dropped"), 10);
}

}  // namespace
}  // namespace comporta
