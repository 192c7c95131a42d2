// A duration that is fixed or drawn from a distribution. A plain value.
#pragma once

#include "common/base/random.h"
#include "common/base/time.h"

namespace fakeapi {

struct Delay {
  enum class Kind { kNone, kFixed, kExponential, kLognormal };

  Kind kind = Kind::kNone;
  base::Duration scale{};  // the value, the mean or the median
  double sigma = 0;        // of the logarithm

  static Delay none() { return {}; }
  static Delay fixed(base::Duration value) { return {.kind = Kind::kFixed, .scale = value, .sigma = 0}; }
  static Delay exponential(base::Duration mean) { return {.kind = Kind::kExponential, .scale = mean, .sigma = 0}; }
  static Delay lognormal(base::Duration median, double sigma) {
    return {.kind = Kind::kLognormal, .scale = median, .sigma = sigma};
  }

  base::Duration draw(base::Random random) const;
};

}  // namespace fakeapi
