#include "scaler/policy/kpa/kpa_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/kpa/annotations.h"
#include "scaler/policy/kpa/decider.h"

namespace scaler {
namespace {

using config::Fields;
using Setting = Annotations::Setting;
using std::chrono::hours;
using std::chrono::seconds;

constexpr const char* kKpaClass = "kpa.autoscaling.knative.dev";
constexpr const char* kHpaClass = "hpa.autoscaling.knative.dev";
constexpr double kAnyNumber = std::numeric_limits<double>::max();

constexpr Setting kClass{"class", nullptr};
constexpr Setting kMetric{"metric", nullptr};
constexpr Setting kAlgorithm{"metric-aggregation-algorithm", nullptr};
constexpr Setting kTarget{"target", nullptr};
constexpr Setting kUtilization{"target-utilization-percentage", nullptr};
constexpr Setting kMinScale{"min-scale", "min-scale"};
constexpr Setting kMaxScale{"max-scale", "max-scale"};
constexpr Setting kInitialScale{"initial-scale", "initial-scale"};
constexpr Setting kActivationScale{"activation-scale", nullptr};
constexpr Setting kWindow{"window", "stable-window"};
constexpr Setting kPanicWindow{"panic-window-percentage", "panic-window-percentage"};
constexpr Setting kPanicThreshold{"panic-threshold-percentage", "panic-threshold-percentage"};
constexpr Setting kScaleDownDelay{"scale-down-delay", "scale-down-delay"};
constexpr Setting kRetention{"scale-to-zero-pod-retention-period", "scale-to-zero-pod-retention-period"};
constexpr Setting kBurstCapacity{"target-burst-capacity", "target-burst-capacity"};

void read_class_and_metric(Annotations& annotations, KpaSpec& kpa) {
  std::string text = kKpaClass;
  annotations.text(kClass, text);
  if (text == kHpaClass) {
    annotations.fail(kClass, fmt::format("is {}, an ordinary HPA that Knative makes: write it as a "
                                         "HorizontalPodAutoscaler; only {} is followed here",
                                         kHpaClass, kKpaClass));
  }
  if (text != kKpaClass) annotations.fail(kClass, fmt::format("must be {}, is \"{}\"", kKpaClass, text));
  if (annotations.text(kMetric, text)) {
    if (text != "concurrency" && text != "rps") {
      annotations.fail(kMetric, "must be one of concurrency, rps, is \"" + text + "\"");
    }
    kpa.metric = text == "rps" ? KpaSpec::Metric::kRps : KpaSpec::Metric::kConcurrency;
  }
  if (annotations.text(kAlgorithm, text)) {
    const bool weighted = text == "weightedExponential" || text == "weighted-exponential";
    if (!weighted && text != "linear") {
      annotations.fail(kAlgorithm, "must be one of linear, weightedExponential, is \"" + text + "\"");
    }
    kpa.weighted_average = weighted;
  }
}

void read_targets(Annotations& annotations, KpaSpec& kpa) {
  const bool concurrency = kpa.metric == KpaSpec::Metric::kConcurrency;
  annotations.number({nullptr, "container-concurrency-target-default"}, kpa.concurrency_target_default, 0.01,
                     kAnyNumber);
  annotations.number({nullptr, "requests-per-second-target-default"}, kpa.rps_target_default, 0.01, kAnyNumber);
  // Up to 1 a fraction, above it a percentage; rps has its share from the annotation alone.
  double share = 70;
  if (annotations.number({nullptr, "container-concurrency-target-percentage"}, share, 0, 100, true) && concurrency) {
    kpa.target_utilization = share > 1 ? share / 100 : share;
  }
  double target = 0;
  if (annotations.number(kTarget, target, 0.01, kAnyNumber)) kpa.target = target;
  double percentage = 0;
  if (annotations.number(kUtilization, percentage, 1, 100)) kpa.target_utilization = percentage / 100;
  annotations.number(kBurstCapacity, kpa.target_burst_capacity, -1, kAnyNumber);
  if (kpa.target_burst_capacity < 0 && kpa.target_burst_capacity != -1) {
    annotations.fail(kBurstCapacity, "must be -1 (the activator always in the path), 0 or more, is " +
                                         base::format_number(kpa.target_burst_capacity));
  }
  annotations.number({nullptr, "activator-capacity"}, kpa.activator_capacity, 1, kAnyNumber);
  annotations.number({nullptr, "max-scale-up-rate"}, kpa.max_scale_up_rate, 1, kAnyNumber, true);
  annotations.number({nullptr, "max-scale-down-rate"}, kpa.max_scale_down_rate, 1, kAnyNumber, true);
}

void read_scales(Annotations& annotations, KpaSpec& kpa) {
  annotations.integer(kMinScale, kpa.min_replicas, 0);
  annotations.integer(kMaxScale, kpa.max_replicas, 0);
  if (kpa.max_replicas != 0 && kpa.max_replicas < kpa.min_replicas) {
    annotations.fail(kMaxScale, fmt::format("is {}, below min-scale ({})", kpa.max_replicas, kpa.min_replicas));
  }
  annotations.boolean({nullptr, "allow-zero-initial-scale"}, kpa.allow_zero_initial_scale);
  annotations.integer(kInitialScale, kpa.initial_scale, 0);
  if (kpa.initial_scale == 0 && !kpa.allow_zero_initial_scale) {
    annotations.fail(kInitialScale, "must be at least 1, is 0; gamenight/allow-zero-initial-scale \"true\" allows it");
  }
  annotations.integer(kActivationScale, kpa.activation_scale, 1);
  if (kpa.max_replicas != 0 && kpa.activation_scale > kpa.max_replicas) {
    annotations.fail(kActivationScale,
                     fmt::format("is {}, above max-scale ({})", kpa.activation_scale, kpa.max_replicas));
  }
}

void read_windows(Annotations& annotations, KpaSpec& kpa) {
  annotations.duration(kWindow, kpa.stable_window, seconds(6), hours(1), true);
  annotations.number(kPanicWindow, kpa.panic_window_percentage, 1, kAnyNumber);
  if (kpa.panic_window_percentage > 100) {
    annotations.fail(
        kPanicWindow,
        fmt::format("is {}: the panic window ({}) would be longer than the stable window ({}); at most 100",
                    base::format_number(kpa.panic_window_percentage),
                    kpa.panic_window_percentage < 1e6 ? base::format_duration(panic_window(kpa)) : "years",
                    base::format_duration(kpa.stable_window)));
  }
  annotations.number(kPanicThreshold, kpa.panic_threshold_percentage, 110, 1000);
  annotations.duration(kScaleDownDelay, kpa.scale_down_delay, seconds(0), hours(1), true);
}

void read_zero(Annotations& annotations, KpaSpec& kpa) {
  annotations.boolean({nullptr, "enable-scale-to-zero"}, kpa.enable_scale_to_zero);
  annotations.duration({nullptr, "scale-to-zero-grace-period"}, kpa.scale_to_zero_grace_period, base::Duration(1),
                       hours(8760));
  annotations.duration(kRetention, kpa.pod_retention_period, seconds(0), hours(1));
  annotations.duration({nullptr, "progress-deadline"}, kpa.progress_deadline, seconds(1), hours(24));
}

}  // namespace

void read_kpa_annotations(Annotations& annotations, KpaSpec& kpa) {
  read_class_and_metric(annotations, kpa);
  read_targets(annotations, kpa);
  read_scales(annotations, kpa);
  read_windows(annotations, kpa);
  read_zero(annotations, kpa);
  annotations.check_unknown();
}

double read_container_concurrency(Fields& fields) {
  return static_cast<double>(fields.integer_or("containerConcurrency", 0, 0, 1000));
}

void read_kpa(Fields& spec, PolicySpec& policy) {
  KpaSpec kpa;
  kpa.container_concurrency = read_container_concurrency(spec);
  kpa.reachable = spec.choice_or("reachability", {"Reachable", "Unreachable", ""}, "") != "Unreachable";
  spec.ignore("protocolType");
  Annotations annotations(spec, policy.annotations);
  read_kpa_annotations(annotations, kpa);
  policy.rules = kpa;
}

}  // namespace scaler
