// RFC 3339 in and out, and durations as Kubernetes and Go write them. No locale, no time zone database.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.h"

namespace base {

// "2026-09-26T09:20:00Z"; whole seconds, as in object metadata (fractions are cut off).
std::string format_rfc3339(Time t);
// With six decimals, as in metav1.MicroTime.
std::string format_rfc3339_micro(Time t);
// With as many of nine decimals as are needed, none for a whole second.
std::string format_rfc3339_nano(Time t);

// Accepts an offset ("+10:00") or Z, upper or lower case, and up to nine decimals. nullopt if anything else follows
// or a field is out of range.
std::optional<Time> parse_rfc3339(std::string_view text);

// The offset of an RFC 3339 text from UTC ("+10:00" is 10 h), nullopt if the text does not parse.
std::optional<Duration> rfc3339_offset(std::string_view text);

// "90s", "1h30m", "250ms", "1.5s", "-2m", "0" (as Go's time.ParseDuration, which Kubernetes uses), also "1d".
std::optional<Duration> parse_duration(std::string_view text);

// The shortest such text: "1h30m", "2m0s" is written "2m", "0s" for nothing.
std::string format_duration(Duration d);

}  // namespace base
