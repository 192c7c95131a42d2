// The decider of the Knative autoscaler: what one tick makes of the averages of the stable and the panic window.
//
// The order of operations is upstream's (knative/serving, pkg/autoscaler/scaling). Not thread-safe; owned by a policy.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/time.h"
#include "scaler/policy/kpa/kpa_spec.h"

namespace scaler {

struct DeciderSpec {
  double target_value = 70;  // of the metric, a pod
  double total_value = 100;  // what a pod can take
  double target_burst_capacity = 211;
  double activator_capacity = 100;
  double panic_threshold = 2;  // a factor
  double max_scale_up_rate = 1000;
  double max_scale_down_rate = 2;
  base::Duration stable_window = std::chrono::seconds(60);
  base::Duration scale_down_delay{};
  int activation_scale = 0;
  bool reachable = true;
};

DeciderSpec decider_spec(const KpaSpec& kpa);
// The panic window: a share of the stable one, rounded to seconds, at least one.
base::Duration panic_window(const KpaSpec& kpa);

// The largest of the values of a sliding window of 2 s buckets. Holds at most one entry a bucket.
class DelayWindow {
 public:
  void resize(base::Duration window);
  void record(base::Time now, int value);
  int largest() const;                              // REQUIRES: something was recorded
  std::optional<base::Time> largest_until() const;  // when it leaves the window

 private:
  struct Entry {
    std::int64_t bucket;
    int value;
  };
  std::vector<Entry> entries_;  // by time, values strictly falling
  std::int64_t buckets_ = 0;
};

// One tick, with the numbers on the way.
struct DeciderTick {
  int desired = 0;
  int excess_burst_capacity = 0;
  int activators = 0;
  int raw_stable = 0;  // what the stable window asks for, before any rule
  int raw_panic = 0;
  int rate_limited_stable = 0;  // within max_scale_up_rate and max_scale_down_rate
  int rate_limited_panic = 0;
  int stable = 0;     // raised to the activation scale
  int panic = 0;      // the panic window's, after the same two rules
  int most_pods = 0;  // the limits of the rates
  int fewest_pods = 0;
  bool over_threshold = false;
  int before_delay = 0;  // what came out before scale_down_delay
};

class Decider {
 public:
  // Starts in panic at `ready_pods` if these are more than one, so that a restart does not shrink anything before
  // there are data.
  Decider(const DeciderSpec& spec, base::Time now, int ready_pods);

  void update(const DeciderSpec& spec);
  // For deciders that were in panic before they were known here.
  void resume_panic(base::Time since, int most_pods);
  // `stable` and `panic` are the averages of the windows.
  DeciderTick tick(base::Time now, double stable, double panic, int ready_pods);

  std::optional<base::Time> panic_since() const { return panic_since_; }
  // The first instant at which a tick that is not over the threshold leaves the panic lies after it.
  std::optional<base::Time> panic_until() const;
  int most_panic_pods() const { return most_panic_pods_; }
  const DelayWindow& delay() const { return delay_; }
  const DeciderSpec& spec() const { return spec_; }

 private:
  // Moves the panic clock; in panic nothing shrinks.
  int ratchet(base::Time now, const DeciderTick& tick);
  void burst_capacity(double panic, int ready_pods, DeciderTick& tick) const;

  DeciderSpec spec_;
  std::optional<base::Time> panic_since_;
  int most_panic_pods_ = 0;
  DelayWindow delay_;
};

}  // namespace scaler
