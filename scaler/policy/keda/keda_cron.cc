#include "scaler/policy/keda/keda_cron.h"

#include <algorithm>

#include "common/base/check.h"

namespace scaler {
namespace {

Cron parsed(const std::string& text) {
  auto cron = Cron::parse(text);
  CHECK(cron.has_value(), text);
  return *cron;
}

TimeZone found(const std::string& name) {
  const auto zone = TimeZone::find(name);
  CHECK(zone.has_value(), name);
  return *zone;
}

}  // namespace

KedaCron::KedaCron(const KedaTrigger& trigger)
    : start_(parsed(trigger.start)), end_(parsed(trigger.end)), zone_(found(trigger.time_zone)) {}

bool KedaCron::active(base::Time now) {
  if (known_ && (!edge_ || now < *edge_)) return active_;
  const auto start = start_.next(now, zone_);
  const auto end = end_.next(now, zone_);
  known_ = true;
  active_ = end && (!start || *end <= *start);
  edge_ = start && end ? std::min(*start, *end) : start ? start : end;
  return active_;
}

}  // namespace scaler
