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

#include "common/base/check.h"

namespace base {

// prometheus-cpp finds a series by hashing its labels on each call; these maps do that once.
struct Metrics::Series {
  using Key = std::pair<std::string, Labels>;
  template <class T>
  struct Entry {
    prometheus::Family<T>* family = nullptr;
    T* metric = nullptr;
  };
  template <class T>
  using Entries = std::map<Key, Entry<T>>;

  template <class T>
  static void remove(Entries<T>& entries, const Labels& labels) {
    std::erase_if(entries, [&](const auto& entry) {
      const Labels& own = entry.first.second;
      if (!std::includes(own.begin(), own.end(), labels.begin(), labels.end())) return false;
      entry.second.family->Remove(entry.second.metric);
      return true;
    });
  }

  std::mutex mutex;
  Entries<prometheus::Counter> counters;
  Entries<prometheus::Gauge> gauges;
  Entries<prometheus::Histogram> histograms;
};

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()), series_(std::make_unique<Series>()) {}
Metrics::~Metrics() = default;

void Metrics::increment(const std::string& name, const std::string& help, const Labels& labels, double by) {
  const std::lock_guard lock(series_->mutex);
  auto& [family, metric] = series_->counters[{name, labels}];
  if (!metric) {
    family = &prometheus::BuildCounter().Name(name).Help(help).Register(*registry_);
    metric = &family->Add(labels);
  }
  metric->Increment(by);
}

void Metrics::set(const std::string& name, const std::string& help, double value, const Labels& labels) {
  const std::lock_guard lock(series_->mutex);
  auto& [family, metric] = series_->gauges[{name, labels}];
  if (!metric) {
    family = &prometheus::BuildGauge().Name(name).Help(help).Register(*registry_);
    metric = &family->Add(labels);
  }
  metric->Set(value);
}

void Metrics::observe(const std::string& name, const std::string& help, double value,
                      const std::vector<double>& buckets, const Labels& labels) {
  const std::lock_guard lock(series_->mutex);
  auto& [family, metric] = series_->histograms[{name, labels}];
  if (!metric) {
    family = &prometheus::BuildHistogram().Name(name).Help(help).Register(*registry_);
    metric = &family->Add(labels, buckets);
  }
  metric->Observe(value);
}

void Metrics::remove(const Labels& labels) {
  CHECK(!labels.empty(), "all series would go");
  const std::lock_guard lock(series_->mutex);
  Series::remove(series_->counters, labels);
  Series::remove(series_->gauges, labels);
  Series::remove(series_->histograms, labels);
}

double Metrics::value(const std::string& name, const Labels& labels) const {
  const std::lock_guard lock(series_->mutex);
  if (const auto c = series_->counters.find({name, labels}); c != series_->counters.end())
    return c->second.metric->Value();
  if (const auto g = series_->gauges.find({name, labels}); g != series_->gauges.end()) return g->second.metric->Value();
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
