// Counters, gauges and histograms of one program or simulation, on prometheus-cpp core, and their text exposition.
//
// An object with an owner, not a global: two schedulers in one process have two. Thread-safe. Names carry units and
// follow Prometheus' rules (`_total`, `_seconds`); labels are few and bounded.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
}  // namespace prometheus

namespace base {

class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Adds to the counter, creating it at 0 when seen first. REQUIRES: by >= 0.
  void increment(const std::string& name, const std::string& help, const Labels& labels = {}, double by = 1);
  void set(const std::string& name, const std::string& help, double value, const Labels& labels = {});
  // `buckets` are upper bounds; they count only when the histogram is seen first.
  void observe(const std::string& name, const std::string& help, double value, const std::vector<double>& buckets,
               const Labels& labels = {});

  // Forgets all series that have these labels, and perhaps others: of an object that is gone. REQUIRES: not none.
  void remove(const Labels& labels);

  // The counter's or gauge's value, 0 if it does not exist. For tests and for reports.
  double value(const std::string& name, const Labels& labels = {}) const;

  // Text format 0.0.4, families and series in a fixed order.
  std::string text() const;

 private:
  struct Series;
  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<Series> series_;
};

}  // namespace base
