// Numbers, moments and markup as the page writes them: no locale, and nothing of the input becomes markup.
#pragma once

#include <string>
#include <string_view>

#include "reports/run_file.h"

namespace report {

// Safe as text and inside a quoted attribute.
std::string escape_html(std::string_view text);

std::string format_latency(double ms);      // "29.1 ms", "228 ms", "2.31 s"; kFailedMs and above: "failed"
std::string format_limit(double ms);        // as configured, no digits added: "2 s", "250 ms"
std::string format_span(double seconds);    // "327 s", "12 min 05 s", "30 min", "2 h 05 min"
std::string format_share(double ratio);     // "0 %", "<0.01 %", "3.41 %", "17.2 %"
std::string format_count(double number);    // "61,023,551"; fractions are rounded
std::string format_decimal(double number);  // "108.6", "17.95", "0.042": about four digits

// The scenario's own wall clock; elapsed time with a plus sign if the run has no start time.
class WallClock {
 public:
  explicit WallClock(const RunFile& run);
  std::string at(double seconds) const;         // "19:30:12", in runs of a day or more "27 Sep 19:30:12"
  std::string minute_at(double seconds) const;  // without seconds, unless they are not zero
  std::string date() const;                     // "Sat 26 Sep 2026", empty without a start time
  std::string zone() const;                     // "UTC+10:00", "UTC", empty without a start time
  // Seconds since the start of the first moment after `from` that is a multiple of `step` on this clock's face.
  double first_multiple(double from, double step) const;

 private:
  bool has_start_;
  bool long_;
  double local_start_;  // seconds since 1970 on the local face
  double offset_;
};

// 1, 2, 5, 10, 15, 30 s, ... so that `span` has at most `most` steps.
double tick_step(double span, int most);

}  // namespace report
