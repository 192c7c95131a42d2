#include "sim/cohort/latency_mixture.h"

#include <algorithm>
#include <cmath>

namespace sim {
namespace {

constexpr double kFirstEdge = 1e-6;  // seconds
constexpr double kCell = 1.01;       // upper end / lower end
constexpr double kBin = 1.05;        // ratio of two delays
constexpr double kNothing = 1e-9;
constexpr double kTooFew = 1e-7;  // share of the requests

}  // namespace

LatencyMixture::LatencyMixture(const ServiceLaw& law, bool stretches) : law_(law), stretches_(stretches) {
  for (double edge = kFirstEdge; edge < kTop; edge *= kCell) edges_.push_back(edge);
  edges_.push_back(kTop);
  delays_.push_back(0.0);
  for (double delay = law.mean() / 500.0; delay < kTop; delay *= kBin) delays_.push_back(delay);
  delays_.push_back(kTop);
  kernels_.resize(delays_.size());
  for (const double edge : edges_) below_.push_back(law.below(edge));
}

void LatencyMixture::Histogram::clear() {
  std::fill(weights.begin() + static_cast<std::ptrdiff_t>(begin), weights.begin() + static_cast<std::ptrdiff_t>(end),
            0.0);
  begin = end = 0;
}

void LatencyMixture::Histogram::add(const Histogram& other, double factor) {
  if (other.begin == other.end) return;
  begin = begin == end ? other.begin : std::min(begin, other.begin);
  end = std::max(end, other.end);
  for (std::size_t i = other.begin; i < other.end; ++i) weights[i] += factor * other.weights[i];
}

// The first bin at or after the delay, which is positive: by the logarithm, then put right.
std::size_t LatencyMixture::bin_from(double delay) const {
  const double steps = std::ceil(std::log(delay / delays_[1]) / std::log(kBin));
  auto i = static_cast<std::size_t>(std::clamp(1.0 + steps, 1.0, static_cast<double>(delays_.size() - 1)));
  while (i > 1 && delays_[i - 1] >= delay) --i;
  while (delays_[i] < delay) ++i;
  return i;
}

void LatencyMixture::add(Spectrum& spectrum, double delay, double weight) const {
  if (delay <= 0.0) {
    spectrum[0] += weight;
    return;
  }
  delay = std::min(delay, kTop);
  const std::size_t i = bin_from(delay);
  const double below = (delays_[i] - delay) / (delays_[i] - delays_[i - 1]);
  spectrum[i - 1] += weight * below;
  spectrum[i] += weight * (1.0 - below);
}

void LatencyMixture::split(double delay, double weight, std::vector<Part>& parts) const {
  if (delay <= 0.0) {
    parts.push_back({0, weight});
    return;
  }
  delay = std::min(delay, kTop);
  const std::size_t i = bin_from(delay);
  const double below = (delays_[i] - delay) / (delays_[i] - delays_[i - 1]);
  parts.push_back({static_cast<std::uint32_t>(i - 1), weight * below});
  parts.push_back({static_cast<std::uint32_t>(i), weight * (1.0 - below)});
}

double LatencyMixture::mean(const Spectrum& spectrum) const {
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < spectrum.size(); ++i) {
    sum += spectrum[i] * delays_[i];
    weight += spectrum[i];
  }
  return weight > 0 ? sum / weight : 0.0;
}

double LatencyMixture::delay_quantile(const Spectrum& spectrum, double quantile) const {
  double total = 0;
  for (const double w : spectrum) total += w;
  double below = 0;
  for (std::size_t i = 0; i < spectrum.size() && total > 0; ++i) {
    // The weight of a bin lies evenly around its delay; none of it is at 0 but the first bin's.
    if (below + spectrum[i] >= quantile * total) {
      if (i == 0) return 0.0;
      const double share = (quantile * total - below) / spectrum[i];
      return delays_[i] + (share - 0.5) * (delays_[i] - delays_[i - 1]);
    }
    below += spectrum[i];
  }
  return 0.0;
}

const LatencyMixture::Kernel& LatencyMixture::kernel(std::size_t bin) {
  Kernel& kernel = kernels_[bin];
  if (!kernel.weights.empty()) return kernel;
  const double shift = stretches_ ? 0.0 : delays_[bin];
  const double stretch = stretches_ ? 1.0 + delays_[bin] / law_.mean() : 1.0;
  const auto first = std::upper_bound(edges_.begin(), edges_.end(), shift);
  double before = 0;
  std::size_t k = 0;  // the cell of the service time
  for (auto i = static_cast<std::size_t>(first - edges_.begin()); i < edges_.size(); ++i) {
    const double service = (edges_[i] - shift) / stretch;
    while (k + 1 < edges_.size() && edges_[k] < service) ++k;
    const double share = std::min(1.0, (service - edge_before(k)) / (edges_[k] - edge_before(k)));
    const double left = k == 0 ? 0.0 : below_[k - 1];
    const double below = i + 1 == edges_.size() ? 1.0 : left + share * (below_[k] - left);
    if (kernel.weights.empty() && below < kNothing) continue;
    if (kernel.weights.empty()) kernel.begin = i;
    kernel.weights.push_back(static_cast<float>(below - before));
    before = below;
    if (below > 1.0 - kNothing) break;
  }
  return kernel;
}

void LatencyMixture::expand(const Spectrum& spectrum, Histogram& histogram) {
  double total = 0;
  for (const double w : spectrum) total += w;
  for (std::size_t bin = 0; bin < spectrum.size(); ++bin) {
    const double weight = spectrum[bin];
    if (weight <= kTooFew * total) continue;
    const Kernel& k = kernel(bin);
    double* const out = histogram.weights.data() + k.begin;
    for (std::size_t i = 0; i < k.weights.size(); ++i) out[i] += weight * static_cast<double>(k.weights[i]);
    histogram.begin = histogram.begin == histogram.end ? k.begin : std::min(histogram.begin, k.begin);
    histogram.end = std::max(histogram.end, k.begin + k.weights.size());
  }
}

void LatencyMixture::cut(Histogram& histogram, double limit, double weight) const {
  double kept = 0;
  for (std::size_t i = histogram.begin; i < histogram.end; ++i) {
    double& here = histogram.weights[i];
    if (edges_[i] > limit) here *= std::clamp((limit - edge_before(i)) / (edges_[i] - edge_before(i)), 0.0, 1.0);
    kept += here;
  }
  if (kept <= 0) return;
  for (std::size_t i = histogram.begin; i < histogram.end; ++i) histogram.weights[i] *= weight / kept;
}

double LatencyMixture::mean_response(const Histogram& histogram) const {
  double sum = 0, weight = 0;
  for (std::size_t i = histogram.begin; i < histogram.end; ++i) {
    sum += histogram.weights[i] * (edge_before(i) + edges_[i]) / 2.0;
    weight += histogram.weights[i];
  }
  return weight > 0 ? sum / weight : 0.0;
}

double LatencyMixture::weight_up_to(const Histogram& histogram, double t) const {
  double weight = 0;
  for (std::size_t i = histogram.begin; i < histogram.end; ++i) {
    if (edges_[i] > t) {
      const double share = (t - edge_before(i)) / (edges_[i] - edge_before(i));
      return weight + histogram.weights[i] * std::max(0.0, share);
    }
    weight += histogram.weights[i];
  }
  return weight;
}

void LatencyMixture::quantiles(const Histogram& histogram, double total, std::span<const double> quantiles,
                               std::span<double> out) const {
  std::fill(out.begin(), out.end(), kTop);
  double below = 0;
  std::size_t next = 0;
  for (std::size_t i = histogram.begin; i < histogram.end && next < out.size(); ++i) {
    const double here = histogram.weights[i];
    for (; next < out.size() && here > 0 && quantiles[next] * total <= below + here; ++next) {
      const double share = std::max(0.0, (quantiles[next] * total - below) / here);
      out[next] = edge_before(i) + share * (edges_[i] - edge_before(i));
    }
    below += here;
  }
}

}  // namespace sim
