#include "common/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace comporta {
namespace {

using testing::HasSubstr;

TEST(Metrics, RendersEveryType) {
  Metrics metrics;
  const Counter counter = metrics.counter("comporta_uploads_total", "Uploads.", {{"kind", "a\"b"}});
  counter.add();
  counter.add(2);
  const Gauge gauge = metrics.gauge("comporta_waiting", "Waiting.");
  gauge.set(5);
  gauge.add(-1.5);
  metrics.histogram("comporta_put_seconds", "PUTs.", {0.1, 1}).observe(0.5);
  const std::string text = metrics.render();
  for (const auto* line : {
           "# HELP comporta_uploads_total Uploads.\n# TYPE comporta_uploads_total counter\n",
           "\ncomporta_uploads_total{kind=\"a\\\"b\"} 3\n",
           "\ncomporta_waiting 3.5\n",
           "\ncomporta_put_seconds_bucket{le=\"0.1\"} 0\n",
           "\ncomporta_put_seconds_bucket{le=\"1\"} 1\n",
           "\ncomporta_put_seconds_bucket{le=\"+Inf\"} 1\n",
           "\ncomporta_put_seconds_sum 0.5\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameMetric) {
  Metrics metrics;
  metrics.counter("comporta_x_total", "X.", {{"a", "1"}}).add();
  metrics.counter("comporta_x_total", "X.", {{"a", "1"}}).add();
  metrics.counter("comporta_x_total", "X.", {{"a", "2"}}).add();
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("\ncomporta_x_total{a=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\ncomporta_x_total{a=\"2\"} 1\n"));
}

TEST(Metrics, CountsFromManyThreads) {
  Metrics metrics;
  const Counter counter = metrics.counter("comporta_x_total", "X.");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1'000; ++n) counter.add();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(metrics.render(), HasSubstr("\ncomporta_x_total 4000\n"));
}

TEST(MetricsDeathTest, NamesSayWhoseTheyAre) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Metrics metrics;
  EXPECT_DEATH(metrics.counter("uploads_total", "Uploads."), "says whose it is");
}

}  // namespace
}  // namespace comporta
