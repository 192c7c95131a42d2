// Response times as a mixture: delays in bins, each with the service time on top, spread over a logarithmic grid.
//
// A delay is added to the service time (waiting) or, for shared processors, stretches it: a delay of v then means a
// service time times 1 + v/mean. Kernels are made when first used. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/cohort/service_law.h"

namespace sim {

class LatencyMixture {
 public:
  static constexpr double kTop = 3600.0;  // seconds; what is longer counts as this

  // Weights by delay.
  using Spectrum = std::vector<double>;
  // Weights by response time, in the cells of the grid; those outside [begin, end) are 0.
  struct Histogram {
    std::vector<double> weights;
    std::size_t begin = 0;
    std::size_t end = 0;
    void clear();
    void add(const Histogram& other, double factor);
  };
  // A bin and the part of a weight that goes there.
  struct Part {
    std::uint32_t bin;
    double share;
  };

  LatencyMixture(const ServiceLaw& law, bool stretches);

  Spectrum spectrum() const { return Spectrum(delays_.size(), 0.0); }
  Histogram histogram() const { return {.weights = std::vector<double>(edges_.size(), 0.0)}; }
  // Split between the two nearest bins, so that the mean stays.
  void add(Spectrum& spectrum, double delay, double weight) const;
  void split(double delay, double weight, std::vector<Part>& parts) const;
  double mean(const Spectrum& spectrum) const;
  double delay_quantile(const Spectrum& spectrum, double quantile) const;

  // Adds the response times of the spectrum.
  void expand(const Spectrum& spectrum, Histogram& histogram);
  // Moves what is longer than `limit` out of the histogram and scales the rest to `weight`.
  void cut(Histogram& histogram, double limit, double weight) const;

  double mean_response(const Histogram& histogram) const;
  double weight_up_to(const Histogram& histogram, double t) const;
  // out[i] = the response time at rank quantiles[i] of `total`, of which those not in the histogram took for ever.
  void quantiles(const Histogram& histogram, double total, std::span<const double> quantiles,
                 std::span<double> out) const;

 private:
  struct Kernel {
    std::size_t begin = 0;
    std::vector<float> weights;  // empty: not made yet
  };
  const Kernel& kernel(std::size_t bin);
  std::size_t bin_from(double delay) const;
  double edge_before(std::size_t cell) const { return cell == 0 ? 0.0 : edges_[cell - 1]; }

  const ServiceLaw& law_;
  const bool stretches_;
  std::vector<double> edges_;   // upper ends of the cells
  std::vector<double> below_;   // P(service time <= edge)
  std::vector<double> delays_;  // of the bins; the first is 0
  std::vector<Kernel> kernels_;
};

}  // namespace sim
