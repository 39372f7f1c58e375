#include "common/traces/settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "common/config/settings.h"
#include "tests/support/temporary_folder.h"

namespace comporta {
namespace {

class TraceSettingsTest : public testing::Test {
 protected:
  std::vector<std::string> read(const std::string& text) {
    std::ofstream(folder.path() / "a.yaml") << text;
    Settings file(folder.path() / "a.yaml");
    traces = read_trace_settings(file.root().section("traces"));
    sampling = read_trace_sampling(file.root().section("traces"));
    return file.faults();
  }

  test::TemporaryFolder folder;
  TraceSettings traces;
  TraceSampling sampling;
};

TEST_F(TraceSettingsTest, AreOffUnlessAskedFor) {
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(traces.endpoint.empty());
  EXPECT_DOUBLE_EQ(sampling.ratio, 0.01);
  EXPECT_TRUE(sampling.anonymous_decide);
}

TEST_F(TraceSettingsTest, AreRead) {
  EXPECT_TRUE(read("traces: {endpoint: 'http://jaeger:4318/', max_waiting: 100, sample: 0.25, "
                   "anonymous_decide: false}")
                  .empty());
  EXPECT_EQ(traces.endpoint, "http://jaeger:4318");
  EXPECT_EQ(traces.max_waiting, 100U);
  EXPECT_DOUBLE_EQ(sampling.ratio, 0.25);
  EXPECT_FALSE(sampling.of(false).callers_decide);
  EXPECT_TRUE(sampling.of(true).callers_decide);
  EXPECT_TRUE(read("traces: {endpoint: 'https://a.example/otlp', sample: 1}").empty());
  EXPECT_EQ(traces.endpoint, "https://a.example/otlp");
  EXPECT_DOUBLE_EQ(sampling.ratio, 1);
}

TEST_F(TraceSettingsTest, RefuseWhatIsNone) {
  for (const char* endpoint :
       {"jaeger:4318", "grpc://jaeger:4317", "http://", "http:///v1", "http://a?b", "http://a b"})
    EXPECT_EQ(read(std::string("traces: {endpoint: '") + endpoint + "'}").size(), 1U) << endpoint;
  for (const char* sample : {"1%", "2", "-0.1", "", "nan", "inf", "0,5", "0x1"})
    EXPECT_EQ(read(std::string("traces: {sample: '") + sample + "'}").size(), 1U) << sample;
}

}  // namespace
}  // namespace comporta
