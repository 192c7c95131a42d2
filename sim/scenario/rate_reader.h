// Reads a curve over time: requests or session starts a second, or a number of users.
#pragma once

#include <string>

#include "common/config/fields.h"
#include "sim/scenario/common_fields.h"
#include "sim/traffic/rate_profile.h"

namespace sim {

// What the values of a curve are.
struct RateUnit {
  std::string key;      // of a value in the file
  double most = 0;      // the largest value allowed
  std::string what;     // for complaints: "10 million requests/s"
  bool counts = false;  // a number of something, not something a second: so are the rows of a trace
};

// Of one source; an engine that serves a hundred million requests a second has nothing left to say about more.
RateUnit requests_per_second();
RateUnit starts_per_second();
RateUnit users();

inline const std::vector<std::string> kRateKinds = {"constant", "profile", "trace"};

// `kind` of kRateKinds, a key of `fields`: `constant {KEY}`, `profile {interpolation, points: [{at, KEY}]}` or
// `trace {file, unit, timeOrigin, column, scale, squeeze}`. Complains by FieldError.
RateProfile read_rate(config::Fields& fields, const std::string& kind, const RateUnit& unit, const Night& night);

// The highest rate of the night as it is played.
double peak(const RateProfile& profile, const Night& night);

}  // namespace sim
