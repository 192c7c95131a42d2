#include "scaler/policy/kpa/decider.h"

#include <algorithm>
#include <cmath>

#include "common/base/check.h"
#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

constexpr base::Duration kTick = std::chrono::seconds(2);
constexpr double kLeastTarget = 0.01;
constexpr int kLeastActivators = 2;

std::int64_t bucket_of(base::Time now) {
  return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch() / kTick;
}

}  // namespace

DeciderSpec decider_spec(const KpaSpec& kpa) {
  DeciderSpec spec;
  double total = kpa.rps_target_default;
  if (kpa.metric == KpaSpec::Metric::kConcurrency) {
    total = kpa.container_concurrency > 0 ? kpa.container_concurrency : kpa.concurrency_target_default;
  }
  if (kpa.target) {
    const bool limited = kpa.metric == KpaSpec::Metric::kConcurrency && kpa.container_concurrency > 0;
    total = limited ? std::min(*kpa.target, kpa.container_concurrency) : *kpa.target;
  }
  spec.total_value = total;
  spec.target_value = std::max(kLeastTarget, total * kpa.target_utilization);
  spec.target_burst_capacity = kpa.target_burst_capacity;
  spec.activator_capacity = kpa.activator_capacity;
  spec.panic_threshold = kpa.panic_threshold_percentage / 100.0;
  spec.max_scale_up_rate = kpa.max_scale_up_rate;
  spec.max_scale_down_rate = kpa.max_scale_down_rate;
  spec.stable_window = kpa.stable_window;
  spec.scale_down_delay = kpa.scale_down_delay;
  spec.activation_scale = kpa.activation_scale;
  spec.reachable = kpa.reachable;
  return spec;
}

base::Duration panic_window(const KpaSpec& kpa) {
  const double seconds = std::round(base::seconds(kpa.stable_window) * kpa.panic_window_percentage / 100.0);
  return std::chrono::seconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(seconds)));
}

void DelayWindow::resize(base::Duration window) {
  buckets_ = (window + kTick - base::Duration(1)) / kTick;
  entries_.reserve(static_cast<std::size_t>(buckets_));
}

void DelayWindow::record(base::Time now, int value) {
  const std::int64_t bucket = bucket_of(now);
  // What is older and not larger can never be the largest again.
  while (!entries_.empty() && entries_.back().value <= value) entries_.pop_back();
  const auto in_window = [&](const Entry& entry) { return bucket - entry.bucket < buckets_; };
  entries_.erase(entries_.begin(), std::find_if(entries_.begin(), entries_.end(), in_window));
  // The largest of a bucket stays.
  if (entries_.empty() || entries_.back().bucket != bucket) entries_.push_back({bucket, value});
}

int DelayWindow::largest() const {
  CHECK(!entries_.empty(), "nothing was recorded");
  return entries_.front().value;
}

std::optional<base::Time> DelayWindow::largest_until() const {
  if (entries_.empty()) return std::nullopt;
  return base::Time(kTick * (entries_.front().bucket + buckets_));
}

Decider::Decider(const DeciderSpec& spec, base::Time now, int ready_pods) : spec_(spec) {
  delay_.resize(spec_.scale_down_delay);
  if (ready_pods > 1) resume_panic(now, ready_pods);
}

void Decider::update(const DeciderSpec& spec) {
  spec_ = spec;
  delay_.resize(spec_.scale_down_delay);
}

void Decider::resume_panic(base::Time since, int most_pods) {
  panic_since_ = since;
  most_panic_pods_ = most_pods;
}

std::optional<base::Time> Decider::panic_until() const {
  if (!panic_since_) return std::nullopt;
  return *panic_since_ + spec_.stable_window;
}

DeciderTick Decider::tick(base::Time now, double stable, double panic, int ready_pods) {
  DeciderTick tick;
  const double ready = std::max(1.0, static_cast<double>(ready_pods));
  const double most = std::ceil(spec_.max_scale_up_rate * ready);
  const double fewest = spec_.reachable ? std::floor(ready / spec_.max_scale_down_rate) : 0.0;
  const double raw_stable = std::ceil(stable / spec_.target_value);
  const double raw_panic = std::ceil(panic / spec_.target_value);
  const auto limited = [&](double raw) { return saturate_to_int(std::min(std::max(raw, fewest), most)); };
  const auto activated = [&](double raw, int pods) { return raw > 0 ? std::max(pods, spec_.activation_scale) : pods; };

  tick.raw_stable = saturate_to_int(raw_stable);
  tick.raw_panic = saturate_to_int(raw_panic);
  tick.most_pods = saturate_to_int(most);
  tick.fewest_pods = saturate_to_int(fewest);
  tick.rate_limited_stable = limited(raw_stable);
  tick.stable = tick.rate_limited_stable;
  tick.rate_limited_panic = limited(raw_panic);
  tick.panic = tick.rate_limited_panic;
  if (spec_.activation_scale > 1) {
    tick.stable = activated(raw_stable, tick.stable);
    tick.panic = activated(raw_panic, tick.panic);
  }

  tick.over_threshold = raw_panic / ready >= spec_.panic_threshold;
  tick.desired = ratchet(now, tick);

  tick.before_delay = tick.desired;
  if (spec_.reachable && spec_.scale_down_delay > base::Duration::zero()) {
    delay_.record(now, tick.desired);
    tick.desired = delay_.largest();
  }
  burst_capacity(panic, ready_pods, tick);
  return tick;
}

int Decider::ratchet(base::Time now, const DeciderTick& tick) {
  if (tick.over_threshold) {
    panic_since_ = now;
  } else if (panic_since_ && *panic_since_ + spec_.stable_window < now) {
    panic_since_.reset();
    most_panic_pods_ = 0;
  }
  if (!panic_since_) return tick.stable;
  most_panic_pods_ = std::max({most_panic_pods_, tick.stable, tick.panic});
  return most_panic_pods_;
}

void Decider::burst_capacity(double panic, int ready_pods, DeciderTick& tick) const {
  const double capacity = static_cast<double>(ready_pods) * spec_.total_value;
  const double burst = spec_.target_burst_capacity;
  tick.activators = kLeastActivators;
  if (burst == 0) return;  // in the path only at zero
  tick.activators =
      std::max(kLeastActivators, ceil_to_int((capacity + std::max(0.0, burst)) / spec_.activator_capacity));
  tick.excess_burst_capacity = burst > 0 ? saturate_to_int(std::floor(capacity - burst - panic)) : -1;
}

}  // namespace scaler
