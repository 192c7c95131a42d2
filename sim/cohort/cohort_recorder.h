// Collects expected outcomes by the second of first arrival and turns them into whole numbers: what rounding leaves
// over goes into the next second, so no sum drifts. Not thread-safe; owned by a CohortEngine.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "sim/cohort/latency_mixture.h"
#include "sim/service/engine_options.h"
#include "sim/service/results.h"

namespace sim {

// One second that is not closed; expected numbers of requests.
struct CohortWindow {
  std::int64_t second = 0;
  bool sealed = false;
  std::uint64_t pending = 0;  // groups of requests between two attempts
  double arrivals = 0;
  double rejected = 0;
  double timed_out = 0;
  double retried = 0;
  LatencyMixture::Spectrum direct;   // answered at the first attempt, by its delay
  LatencyMixture::Spectrum delayed;  // at a later one, by the delay from the first on
};

class CohortRecorder {
 public:
  // Seconds from `first_second` on; those before `measured_second` do not count in the totals.
  CohortRecorder(const EngineOptions& options, const ServiceLaw& law, std::int64_t first_second,
                 std::int64_t measured_second);

  const LatencyMixture& direct() const { return direct_; }
  const LatencyMixture& delayed() const { return delayed_; }

  // REQUIRES: the second is not closed.
  CohortWindow& window(std::int64_t second);
  void seal_before(std::int64_t second);
  // One group less is pending in the window.
  void resolve(CohortWindow& window);

  const std::vector<SecondResult>& seconds() const { return seconds_; }
  // Everything but the time averages.
  Totals totals() const;

 private:
  // Whole numbers whose sum stays within 1/2 of that of the expected ones.
  struct Rounded {
    double expected = 0;
    std::uint64_t given = 0;
    std::uint64_t take(double more, std::uint64_t most);
  };

  // A second whose requests fare as those of the one before costs nothing but a comparison: its histogram is that one
  // times a factor.
  struct Shape {
    double arrivals = 0;
    double failed = 0;
    LatencyMixture::Spectrum direct;
    LatencyMixture::Spectrum delayed;
    LatencyMixture::Histogram histogram;
    // Per arrival.
    double good = 0;
    double satisfied = 0;
    double tolerable = 0;
    std::array<double, 3> percentiles{};
    double measured = 0;  // how often it is not yet part of the totals
  };

  void close_complete();
  void close(CohortWindow& window);
  bool fares_as_before(const CohortWindow& window, double failed) const;
  void take_shape(const CohortWindow& window, double failed);
  void add_shape(LatencyMixture::Histogram& latency, LatencyMixture::Spectrum& wait) const;

  const SloOptions slo_;
  const double limit_;  // seconds: longer answers are time-outs, unless clients retry
  const bool retries_;
  const bool sharing_;
  const std::int64_t measured_second_;
  std::int64_t front_;
  std::int64_t sealed_;
  LatencyMixture direct_;
  LatencyMixture delayed_;
  std::deque<CohortWindow> open_;
  std::vector<SecondResult> seconds_;
  Shape shape_;  // of the last second closed

  Rounded arrivals_, rejected_, timed_out_, retried_, bad_, satisfied_, tolerating_;
  LatencyMixture::Histogram latency_;
  LatencyMixture::Spectrum wait_;
  double requests_ = 0;
  double bad_requests_ = 0;
  Totals counts_;
};

}  // namespace sim
