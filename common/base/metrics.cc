#include "common/base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <mutex>
#include <sstream>
#include <utility>

namespace base {

// prometheus-cpp finds a series by hashing its labels on each call; these maps do that once.
struct Metrics::Series {
  using Key = std::pair<std::string, Labels>;
  std::mutex mutex;
  std::map<Key, prometheus::Counter*> counters;
  std::map<Key, prometheus::Gauge*> gauges;
  std::map<Key, prometheus::Histogram*> histograms;
};

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()), series_(std::make_unique<Series>()) {}
Metrics::~Metrics() = default;

void Metrics::increment(const std::string& name, const std::string& help, const Labels& labels, double by) {
  const std::lock_guard lock(series_->mutex);
  auto& counter = series_->counters[{name, labels}];
  if (!counter) counter = &prometheus::BuildCounter().Name(name).Help(help).Register(*registry_).Add(labels);
  counter->Increment(by);
}

void Metrics::set(const std::string& name, const std::string& help, double value, const Labels& labels) {
  const std::lock_guard lock(series_->mutex);
  auto& gauge = series_->gauges[{name, labels}];
  if (!gauge) gauge = &prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add(labels);
  gauge->Set(value);
}

void Metrics::observe(const std::string& name, const std::string& help, double value,
                      const std::vector<double>& buckets, const Labels& labels) {
  const std::lock_guard lock(series_->mutex);
  auto& histogram = series_->histograms[{name, labels}];
  if (!histogram) {
    histogram = &prometheus::BuildHistogram().Name(name).Help(help).Register(*registry_).Add(labels, buckets);
  }
  histogram->Observe(value);
}

double Metrics::value(const std::string& name, const Labels& labels) const {
  const std::lock_guard lock(series_->mutex);
  if (const auto c = series_->counters.find({name, labels}); c != series_->counters.end()) return c->second->Value();
  if (const auto g = series_->gauges.find({name, labels}); g != series_->gauges.end()) return g->second->Value();
  return 0;
}

std::string Metrics::text() const {
  auto families = registry_->Collect();
  std::sort(families.begin(), families.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (auto& family : families) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
  }
  std::ostringstream out;
  out.imbue(std::locale::classic());
  prometheus::TextSerializer().Serialize(out, families);
  return out.str();
}

}  // namespace base
