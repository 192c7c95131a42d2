// Turns a rate profile into requests: when each arrives and how much service it will need.
//
// Every slice of time is drawn from a stream of its own (seed, source, slice), so the requests of a slice are the same
// whatever happened before and however the engine is driven: policies are compared on common random numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "sim/traffic/quantile_table.h"
#include "sim/traffic/rate_profile.h"

namespace sim {

struct ArrivalOptions {
  enum class Process {
    kPoisson,
    kDeterministic,  // equally spaced in the integrated rate: request n where the integral passes n + 1/2
    // Poisson with the rate of each whole second multiplied by an independent gamma variate of mean 1. With m expected
    // requests in the second and variance v of the variate, the count has mean m and variance m + m^2 v; v =
    // (dispersion - 1)/m.
    kGamma,
  };
  Process process = Process::kPoisson;
  double dispersion = 1.0;  // kGamma: variance / mean of the counts per second, at least 1
};

// Leaves numbers as they are that a vector grows by: they are overwritten anyway.
template <class T>
struct UninitializedAllocator : std::allocator<T> {
  template <class U>
  struct rebind {
    using other = UninitializedAllocator<U>;
  };
  template <class U>
  void construct(U* place) noexcept {
    ::new (static_cast<void*>(place)) U;
  }
  template <class U, class... Args>
  void construct(U* place, Args&&... args) {
    ::new (static_cast<void*>(place)) U(std::forward<Args>(args)...);
  }
};
using TicksColumn = std::vector<Ticks, UninitializedAllocator<Ticks>>;

// The requests of one slice in order of arrival, as a structure of arrays.
struct ArrivalBatch {
  TicksColumn at;
  TicksColumn demand;  // service time on an undisturbed worker, at least 1

  std::size_t size() const { return at.size(); }
  void clear() {
    at.clear();
    demand.clear();
  }
};

class ArrivalProcess {
 public:
  // `demand` gives service times in ticks; it must outlive this. `vector_paths`: use the vector unit if there is one.
  ArrivalProcess(RateProfile profile, ArrivalOptions options, const QuantileTable& demand, base::Random stream,
                 bool vector_paths = true);

  // Replaces `batch` by the requests of [slice*kSlice, (slice+1)*kSlice).
  void generate(std::int64_t slice, ArrivalBatch& batch) const;

  const RateProfile& profile() const { return profile_; }

 private:
  void poisson(std::int64_t slice, double multiplier, ArrivalBatch& batch) const;
  void deterministic(std::int64_t slice, ArrivalBatch& batch) const;
  double gamma_multiplier(std::int64_t second) const;

  RateProfile profile_;
  ArrivalOptions options_;
  const QuantileTable& demand_;
  bool vector_;
  QuantileTable gap_;
  base::Random slices_;
  base::Random multipliers_;
};

}  // namespace sim
