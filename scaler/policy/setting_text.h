// Settings and measured values as the explanations of decisions write them.
//
// Stateless.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/base/number_format.h"
#include "common/base/time.h"
#include "common/base/time_format.h"

namespace scaler {

// "110s": whole seconds, rounded up, as the settings of the API name them.
inline std::string seconds_text(base::Duration d) {
  return base::format_number(std::int64_t{std::chrono::ceil<std::chrono::seconds>(d).count()}) + "s";
}

// "1h2m", "9m59s": a time that was measured or is left, in whole seconds, rounded up. What was set is told as it was
// set.
inline std::string duration_text(base::Duration d) {
  return base::format_duration(std::chrono::ceil<std::chrono::seconds>(d));
}

// A metric's value from its thousandths.
inline double milli(std::int64_t thousandths) { return static_cast<double>(thousandths) / 1000.0; }

}  // namespace scaler
