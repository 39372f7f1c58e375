#pragma once
// Counters, gauges and histograms in Prometheus' text format. The only place that knows prometheus-cpp.
// All names start with `comporta_`, but for those of the process that every program has; units are in the
// name
// (`_bytes`, `_seconds`, `_total`). docs/OPERATIONS.md lists them.

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace comporta {

/// Upper bounds of how long a part may take to be where it is to be: from what is usual to what is an outage.
inline const std::vector<double> kPartSeconds = {.005, .01, .025, .05, .1, .25, .5,
                                                 1,    2.5, 5,    10,  30, 60,  300};

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// Handles: copied freely, valid as long as their Metrics, any thread.
class Counter {
 public:
  explicit Counter(prometheus::Counter* impl) : impl_(impl) {}
  void add(double amount = 1) const;
  /// Of what is counted elsewhere: so much it is by now. One thread.
  void raise_to(double total) const;

 private:
  prometheus::Counter* impl_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge* impl) : impl_(impl) {}
  void set(double value) const;
  void add(double amount) const;

 private:
  prometheus::Gauge* impl_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram* impl) : impl_(impl) {}
  void observe(double value) const;

 private:
  prometheus::Histogram* impl_;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The same name and labels give the same metric again.
  Counter counter(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  Gauge gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  /// `bounds` are the buckets' upper bounds, ascending.
  Histogram histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                      const MetricLabels& labels = {});
  /// Everything, in the text format that Prometheus scrapes.
  std::string render() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comporta
