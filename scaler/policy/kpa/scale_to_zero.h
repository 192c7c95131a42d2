// The reconciler of the Knative autoscaler: bounds, the way to zero and back, and whether the activator stays in the
// path of the requests.
//
// Rules of knative/serving, pkg/reconciler/autoscaling/kpa. Not thread-safe; owned by a policy.
#pragma once

#include <optional>

#include "common/base/time.h"
#include "scaler/policy/kpa/kpa_spec.h"

namespace scaler {

// Who gets the requests: the pods, or the activator, which holds them back while there is no pod.
enum class ServeMode { kServe, kProxy };

// The Active condition: Unknown, True, False.
enum class Activity { kActivating, kActive, kInactive };

struct ReconcileInput {
  base::Time now{};
  int desired = -1;  // of the decider; -1: not known yet
  int excess_burst_capacity = 0;
  int ready = 0;
  bool activator_answers = true;  // to a probe on the revision's address
};

struct ReconcileResult {
  // Why zero was not applied, or something else in its place.
  enum class Zero {
    kNotAsked,
    kDisabled,        // one pod stays
    kActivating,      // left as it is
    kTimedOut,        // never became active: down to zero
    kRecentlyActive,  // one pod for the rest of a stable window
    kMarkedInactive,  // the activator gets into the path first
    kNotProbed,       // it is not there yet
    kRetention,
    kGrace,
    kGranted,
  };
  int want = -1;       // -1: not known
  bool apply = false;  // whether `want` is to be written
  int bounded = -1;    // within the bounds, before anything about zero
  Zero zero = Zero::kNotAsked;
  std::optional<base::Time> until;  // when `zero` may have another answer
  // While inactive: when zero is granted if nothing is asked for until then, and the period that decides it.
  enum class Period { kGrace, kRetention };
  std::optional<base::Time> zero_at;
  Period decided_by = Period::kGrace;
};

class ScaleToZero {
 public:
  ScaleToZero(const KpaSpec& spec, base::Time now) : spec_(spec), since_(now), mode_since_(now) {}

  void update(const KpaSpec& spec) { spec_ = spec; }
  ReconcileResult reconcile(const ReconcileInput& input);

  // The bounds that hold now.
  int least() const;
  Activity activity() const { return activity_; }
  base::Time activity_since() const { return since_; }
  ServeMode mode() const { return mode_; }
  base::Time mode_since() const { return mode_since_; }
  bool reached_initial_scale() const { return initialized_; }

 private:
  void decide_zero(const ReconcileInput& input, ReconcileResult& result) const;
  void leave_to_activator(const ReconcileInput& input, ReconcileResult& result) const;
  void foresee_zero(ReconcileResult& result) const;
  void set_mode(const ReconcileInput& input, int want);
  void set_activity(const ReconcileInput& input, int want);
  int threshold() const;

  KpaSpec spec_;
  Activity activity_ = Activity::kActivating;
  base::Time since_;
  ServeMode mode_ = ServeMode::kServe;
  base::Time mode_since_;
  bool initialized_ = false;  // the initial scale was ready once
};

// The sign of the burst capacity of a revision of which there are no data yet.
int initial_burst_capacity(const KpaSpec& spec, double total_value);

}  // namespace scaler
