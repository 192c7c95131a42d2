#include "scaler/policy/scaling/zero_rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/time_format.h"
#include "scaler/policy/scaling/amount.h"
#include "scaler/policy/setting_text.h"

namespace scaler {

void ZeroRule::seen(int current) {
  if (current > 0) {
    owner_ = Owner::kUp;
  } else if (owner_ == Owner::kUp) {
    owner_ = Owner::kOther;
  }
}

void ZeroRule::measured(base::Time now, std::optional<double> demand) {
  demand_ = demand;
  if (!demand || is_demanded()) {
    idle_since_.reset();
  } else if (!idle_since_) {
    idle_since_ = now;
  }
}

std::optional<base::Time> ZeroRule::due() const {
  if (!spec_ || !idle_since_) return std::nullopt;
  const base::Time idle = *idle_since_ + spec_->after;
  return woken_at_ ? std::max(idle, *woken_at_ + spec_->grace) : idle;
}

std::string ZeroRule::why_unused(base::Time now) const {
  if (!demand_) return "no data";
  if (is_demanded()) {
    return fmt::format("demand {} > {}", amount_text(*demand_), amount_text(spec_->activation));
  }
  const base::Duration idle = now - *idle_since_;
  if (idle < spec_->after) {
    return fmt::format("idle for {} of {}", base::format_duration(std::chrono::floor<std::chrono::seconds>(idle)),
                       base::format_duration(spec_->after));
  }
  if (*due() > now) return "grace for another " + duration_text(*due() - now);
  return "held up by another rule";
}

void ZeroRule::changed(base::Time at, int before, int after) {
  if (after == 0) owner_ = Owner::kPolicy;
  if (before == 0 && after > 0) woken_at_ = at;
}

void ZeroRule::inherit(const ZeroRule& previous) {
  owner_ = previous.owner_;
  woken_at_ = previous.woken_at_;
  if (spec_ && previous.spec_ && spec_->activation == previous.spec_->activation) {
    demand_ = previous.demand_;
    idle_since_ = previous.idle_since_;
  }
}

}  // namespace scaler
