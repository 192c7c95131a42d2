#include "scaler/policy/kpa/scale_to_zero.h"

#include <algorithm>
#include <chrono>

namespace scaler {
namespace {

// Given to the pods of a revision beyond its progress deadline, so that their failure can be told first.
constexpr base::Duration kActivationBuffer = std::chrono::seconds(30);

int within_bounds(int min, int max, int replicas) {
  if (replicas < min) return min;
  return max != 0 && replicas > max ? max : replicas;
}

}  // namespace

int initial_burst_capacity(const KpaSpec& spec, double total_value) {
  if (spec.target_burst_capacity <= 0) return static_cast<int>(spec.target_burst_capacity);
  return spec.target_burst_capacity > total_value * spec.initial_scale ? -1 : 0;
}

int ScaleToZero::least() const {
  const int min = spec_.reachable ? spec_.min_replicas : 0;
  const bool starting = !initialized_ && spec_.initial_scale > 1 && spec_.reachable;
  return starting ? std::max(min, spec_.initial_scale) : min;
}

ReconcileResult ScaleToZero::reconcile(const ReconcileInput& input) {
  ReconcileResult result;
  if (input.desired >= 0 || activity_ == Activity::kActivating) {
    result.bounded = within_bounds(least(), spec_.max_replicas, input.desired);
    result.want = result.bounded;
    result.apply = true;
    if (result.want == 0) decide_zero(input, result);
  }
  set_mode(input, result.want);
  set_activity(input, result.want);
  foresee_zero(result);
  return result;
}

void ScaleToZero::decide_zero(const ReconcileInput& input, ReconcileResult& result) const {
  using Zero = ReconcileResult::Zero;
  if (!spec_.enable_scale_to_zero) {
    result.zero = Zero::kDisabled;
    result.want = 1;
    return;
  }
  switch (activity_) {
    case Activity::kActivating: {
      const base::Time deadline = since_ + spec_.progress_deadline + kActivationBuffer;
      result.zero = input.now > deadline ? Zero::kTimedOut : Zero::kActivating;
      if (result.zero == Zero::kTimedOut) return;
      result.want = -1;
      result.apply = false;
      result.until = deadline;
      return;
    }
    case Activity::kActive:
      if (input.now - since_ >= spec_.stable_window) {
        result.zero = Zero::kMarkedInactive;
        result.apply = false;
        return;
      }
      result.zero = Zero::kRecentlyActive;
      result.want = 1;
      result.until = since_ + spec_.stable_window;
      return;
    case Activity::kInactive: leave_to_activator(input, result);
  }
}

void ScaleToZero::leave_to_activator(const ReconcileInput& input, ReconcileResult& result) const {
  using Zero = ReconcileResult::Zero;
  const base::Duration grace = spec_.scale_to_zero_grace_period;
  const base::Duration retention = spec_.pod_retention_period;
  const base::Duration inactive = input.now - since_;
  result.apply = false;
  if (!input.activator_answers && spec_.target_burst_capacity != -1) {
    result.zero = Zero::kNotProbed;
  } else if (inactive >= std::max(grace, retention)) {
    result.zero = Zero::kGranted;
  } else if (inactive < retention) {
    result.zero = Zero::kRetention;
    result.until = since_ + retention;
  } else if (mode_ == ServeMode::kProxy && input.now - mode_since_ >= grace) {
    result.zero = Zero::kGranted;
  } else {
    result.zero = Zero::kGrace;
    result.until = (mode_ == ServeMode::kProxy ? mode_since_ : input.now) + grace;
  }
  result.apply = result.zero == Zero::kGranted;
}

// By the rules of the inactive state, also where the revision has only now become so.
void ScaleToZero::foresee_zero(ReconcileResult& result) const {
  using Zero = ReconcileResult::Zero;
  if (result.zero != Zero::kMarkedInactive && result.zero != Zero::kRetention && result.zero != Zero::kGrace) return;
  const base::Duration grace = spec_.scale_to_zero_grace_period;
  const base::Time retained = since_ + spec_.pod_retention_period;
  base::Time graced = since_ + std::max(grace, spec_.pod_retention_period);
  if (mode_ == ServeMode::kProxy) graced = std::min(graced, mode_since_ + grace);
  result.zero_at = std::max(retained, graced);
  const bool retention = spec_.pod_retention_period > base::Duration::zero() && retained >= graced;
  result.decided_by = retention ? ReconcileResult::Period::kRetention : ReconcileResult::Period::kGrace;
}

void ScaleToZero::set_mode(const ReconcileInput& input, int want) {
  const bool idle = want == 0 || (want < 0 && activity_ == Activity::kInactive);
  const ServeMode mode = idle || input.excess_burst_capacity < 0 ? ServeMode::kProxy : ServeMode::kServe;
  if (mode == mode_) return;
  mode_ = mode;
  mode_since_ = input.now;
}

int ScaleToZero::threshold() const {
  const int min = spec_.reachable ? spec_.min_replicas : 0;
  return std::max(min, initialized_ ? 1 : spec_.initial_scale);
}

void ScaleToZero::set_activity(const ReconcileInput& input, int want) {
  const int threshold = this->threshold();
  if (input.ready >= threshold) initialized_ = true;
  Activity activity = activity_;
  if (want == 0 || threshold == 0) {
    activity = Activity::kInactive;
  } else if (want > 0 || activity_ != Activity::kInactive) {
    activity = input.ready < threshold ? Activity::kActivating : Activity::kActive;
  }
  if (activity == activity_) return;
  activity_ = activity;
  since_ = input.now;
}

}  // namespace scaler
