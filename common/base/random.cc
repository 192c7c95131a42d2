#include "common/base/random.h"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

#include "common/base/check.h"

namespace base {
namespace {

// The finaliser of SplitMix64: every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t stable_hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix(hash);
}

Random::Random(std::uint64_t seed) : key_(mix(seed)) {}

Random Random::fork(std::string_view name) const {
  Random child(0);
  child.key_ = mix(key_ ^ stable_hash(name));
  return child;
}

Random Random::fork(std::uint64_t number) const {
  Random child(0);
  child.key_ = mix(mix(key_) ^ (number * 0xd1342543de82ef95ULL + 1));
  return child;
}

std::uint32_t Random::u32() {
  if (used_ == 4) {
    const r123::Philox4x32::ctr_type counter{
        {static_cast<std::uint32_t>(counter_), static_cast<std::uint32_t>(counter_ >> 32), 0, 0}};
    const r123::Philox4x32::key_type key{{static_cast<std::uint32_t>(key_), static_cast<std::uint32_t>(key_ >> 32)}};
    const auto out = r123::Philox4x32()(counter, key);
    block_ = {out[0], out[1], out[2], out[3]};
    ++counter_;
    used_ = 0;
  }
  return block_[used_++];
}

std::uint64_t Random::u64() {
  const std::uint64_t high = u32();
  return (high << 32) | u32();
}

double Random::uniform() { return static_cast<double>(u64() >> 11) * 0x1.0p-53; }

std::uint64_t Random::below(std::uint64_t bound) {
  CHECK(bound > 0, "an empty range has no member");
  const std::uint64_t reject_below = (0 - bound) % bound;  // 2^64 mod bound
  for (;;) {
    const std::uint64_t x = u64();
    if (x >= reject_below) return x % bound;
  }
}

double Random::exponential(double mean) { return -mean * std::log1p(-uniform()); }

double Random::normal(double mean, double standard_deviation) {
  // Box and Muller; the second number is thrown away so that a stream has no hidden state.
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
  return mean + standard_deviation * radius * std::cos(2.0 * std::numbers::pi * uniform());
}

double Random::lognormal(double median, double sigma) { return median * std::exp(normal(0.0, sigma)); }

double Random::gamma(double shape, double scale) {
  if (shape < 1.0) {
    const double boosted = gamma(shape + 1.0, scale);
    return boosted * std::pow(1.0 - uniform(), 1.0 / shape);
  }
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = normal(0.0, 1.0);
    const double cube = 1.0 + c * x;
    if (cube <= 0.0) continue;
    const double v = cube * cube * cube;
    const double u = 1.0 - uniform();
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v * scale;
  }
}

std::uint64_t Random::poisson(double mean) {
  if (mean <= 0.0) return 0;
  if (mean < 30.0) {
    const double limit = std::exp(-mean);
    double product = 1.0 - uniform();
    std::uint64_t n = 0;
    while (product > limit) {
      product *= 1.0 - uniform();
      ++n;
    }
    return n;
  }
  const double slam = std::sqrt(mean);
  const double log_mean = std::log(mean);
  const double b = 0.931 + 2.53 * slam;
  const double a = -0.059 + 0.02483 * b;
  const double inv_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double v_r = 0.9277 - 3.6224 / (b - 2.0);
  for (;;) {
    const double u = uniform() - 0.5;
    const double v = 1.0 - uniform();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2.0 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<std::uint64_t>(k);
    if (k < 0.0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inv_alpha) - std::log(a / (us * us) + b) <=
        -mean + k * log_mean - std::lgamma(k + 1.0)) {
      return static_cast<std::uint64_t>(k);
    }
  }
}

std::uint64_t Random::fingerprint() const { return mix(key_ ^ mix(counter_ * 4 + used_)); }

}  // namespace base
