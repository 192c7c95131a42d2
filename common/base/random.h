// The one seam for randomness: counter-based (Philox 4x32-10), with named streams and our own distributions, so
// that the same seed gives the same numbers with every compiler, thread count and order of construction.
//
// A stream is a plain value: copy it to replay it. Not thread-safe; give each consumer its own fork.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace base {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  // An independent stream that depends on this stream's key and the name (or number) alone, not on how many
  // numbers were drawn. Name streams after their consumer: random.fork("kubelet/startup").fork(pod_ordinal).
  Random fork(std::string_view name) const;
  Random fork(std::uint64_t number) const;

  std::uint32_t u32();
  std::uint64_t u64();
  // In [0, 1), a multiple of 2^-53.
  double uniform();
  // In [0, bound), without bias. REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  double exponential(double mean);
  double normal(double mean, double standard_deviation);
  // exp(normal(log(median), sigma)).
  double lognormal(double median, double sigma);
  // Shape k, scale theta: mean k*theta, variance k*theta^2. (Marsaglia and Tsang 2000.)
  double gamma(double shape, double scale);
  // Exact for any mean: inversion below 30, the PTRS rejection of Hormann 1993 above.
  std::uint64_t poisson(double mean);

  // A digest of key and position, to compare the state of two runs.
  std::uint64_t fingerprint() const;
  // The 64-bit key; with it a consumer can seed a faster generator of its own.
  std::uint64_t key() const { return key_; }

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;             // next Philox block
  std::array<std::uint32_t, 4> block_{};  // numbers of the current block
  unsigned used_ = 4;                     // how many of them are spent
};

// FNV-1a followed by a finaliser; stable across platforms. For stream names and digests, not for security.
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0);

}  // namespace base
