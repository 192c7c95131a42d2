// Whether a target may sleep at zero replicas, and who put it there.
//
// A target at zero is woken only if this policy (or the one before an edit) put it there, or if it was there when the
// scaler started, which cannot know. One that others took to zero while it was watched was switched off by hand and is
// left alone until somebody switches it on.
//
// Owned by one policy; not thread-safe.
#pragma once

#include <optional>
#include <string>

#include "scaler/policy/scaling/scaling_spec.h"

namespace scaler {

class ZeroRule {
 public:
  // Without a spec it never asks for zero, and leaves a target alone that was at zero from the start.
  explicit ZeroRule(std::optional<ScaleToZeroSpec> spec) : spec_(spec) {}

  const std::optional<ScaleToZeroSpec>& spec() const { return spec_; }

  // Once a round, first of all.
  void seen(int current);
  // REQUIRES: the target is at zero replicas.
  bool may_wake() const { return owner_ == Owner::kPolicy || (owner_ == Owner::kUnknown && spec_.has_value()); }

  // Once a round: the largest total of the metrics that can tell while there is no pod; nullopt if any is missing and
  // the others show no demand. No data is no proof of silence: it ends the idle time.
  void measured(base::Time now, std::optional<double> demand);
  bool is_demanded() const { return demand_ && *demand_ > spec_->activation; }
  const std::optional<double>& demand() const { return demand_; }

  // When the target may go to zero if it stays as idle as it is; nullopt if it is not idle.
  std::optional<base::Time> due() const;
  // "idle for 3m of 10m", "demand 12 > 0", "no data"
  std::string why_unused(base::Time now) const;

  // A change from `before` to `after` was written.
  void changed(base::Time at, int before, int after);
  void inherit(const ZeroRule& previous);

 private:
  enum class Owner { kUnknown, kUp, kPolicy, kOther };

  std::optional<ScaleToZeroSpec> spec_;
  Owner owner_ = Owner::kUnknown;  // of the zero replicas
  std::optional<double> demand_;
  std::optional<base::Time> idle_since_;
  std::optional<base::Time> woken_at_;
};

}  // namespace scaler
