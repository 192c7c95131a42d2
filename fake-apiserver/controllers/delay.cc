#include "fake-apiserver/controllers/delay.h"

#include "common/base/check.h"

namespace fakeapi {
namespace {

base::Duration from_seconds(double seconds) {
  // A year bounds what an extreme draw can do to the arithmetic of times.
  constexpr double kLongest = 365.0 * 86400;
  return std::chrono::duration_cast<base::Duration>(
      std::chrono::duration<double>(seconds < kLongest ? seconds : kLongest));
}

}  // namespace

base::Duration Delay::draw(base::Random random) const {
  switch (kind) {
    case Kind::kNone: return base::Duration::zero();
    case Kind::kFixed: return scale;
    case Kind::kExponential: return from_seconds(random.exponential(base::seconds(scale)));
    case Kind::kLognormal:
      if (scale <= base::Duration::zero()) return base::Duration::zero();
      return from_seconds(random.lognormal(base::seconds(scale), sigma));
  }
  CHECK(false, "unknown kind of delay");
}

}  // namespace fakeapi
