// xoshiro256++ (Blackman and Vigna 2019) seeded through SplitMix64: the fast generator of the request path. Its seeds
// come from base::Random's keys, so it has the same names and the same reproducibility. A plain value.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace sim {

// The finaliser of SplitMix64; also the hash behind draws that belong to one attempt of one request.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

class Xoshiro {
 public:
  explicit Xoshiro(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = mix64(seed += 0x9e3779b97f4a7c15ULL);
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // In [0, bound); the bias is below bound / 2^32, 1e-7 for a thousand pods.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * static_cast<std::uint64_t>(bound)) >> 32);
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace sim
