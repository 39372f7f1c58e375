#include "common/telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "common/base/error.h"

namespace comporta {
namespace {

// A new family of metrics, or the one that has this name already.
template <typename Builder>
auto& family(Builder builder, prometheus::Registry& registry, const std::string& name,
             const std::string& help) {
  check(name.starts_with("comporta_") || name.starts_with("process_"), "a metric's name says whose it is");
  return builder.Name(name).Help(help).Register(registry);
}

prometheus::Labels to_labels(const MetricLabels& labels) {
  return {labels.begin(), labels.end()};
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}

Metrics::~Metrics() = default;

Counter Metrics::counter(const std::string& name, const std::string& help, const MetricLabels& labels) {
  return Counter(&family(prometheus::BuildCounter(), impl_->registry, name, help).Add(to_labels(labels)));
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const MetricLabels& labels) {
  return Gauge(&family(prometheus::BuildGauge(), impl_->registry, name, help).Add(to_labels(labels)));
}

Histogram Metrics::histogram(const std::string& name, const std::string& help,
                             const std::vector<double>& bounds, const MetricLabels& labels) {
  auto& histograms = family(prometheus::BuildHistogram(), impl_->registry, name, help);
  return Histogram(&histograms.Add(to_labels(labels), bounds));
}

std::string Metrics::render() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

void Counter::add(double amount) const {
  impl_->Increment(amount);
}

void Counter::raise_to(double total) const {
  impl_->Increment(total - impl_->Value());
}

void Gauge::set(double value) const {
  impl_->Set(value);
}

void Gauge::add(double amount) const {
  impl_->Increment(amount);
}

void Histogram::observe(double value) const {
  impl_->Observe(value);
}

}  // namespace comporta
