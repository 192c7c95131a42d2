#include "scaler/control/hpa_reporter.h"

#include "scaler/control/hpa_status.h"
#include "scaler/control/target_controller.h"

namespace scaler {
namespace asio = boost::asio;
namespace {

constexpr char kComponent[] = "horizontal-pod-autoscaler";
constexpr char kReconciliations[] = "horizontal_pod_autoscaler_controller_reconciliations_total";
constexpr char kReconciliationsHelp[] = "Rounds of the HPA controller by what they did and what failed";
constexpr char kDurations[] = "horizontal_pod_autoscaler_controller_reconciliation_duration_seconds";
constexpr char kDurationsHelp[] = "Time that a round of the HPA controller took";
constexpr char kComputations[] = "horizontal_pod_autoscaler_controller_metric_computation_total";
constexpr char kComputationsHelp[] = "Metrics computed by the HPA controller by what they asked for and what failed";
constexpr char kDesired[] = "horizontal_pod_autoscaler_controller_desired_replicas";
constexpr char kDesiredHelp[] = "The number of replicas that an HPA wants";

// From 1 ms, each twice the one before, as upstream's.
const std::vector<double>& duration_buckets() {
  static const std::vector<double> kBuckets{0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128,
                                            0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384};
  return kBuckets;
}

const char* label(HpaAction action) {
  switch (action) {
    case HpaAction::kScaleUp: return "scale_up";
    case HpaAction::kScaleDown: return "scale_down";
    case HpaAction::kNone: break;
  }
  return "none";
}

const char* label(HpaErrorKind error) {
  switch (error) {
    case HpaErrorKind::kSpec: return "spec";
    case HpaErrorKind::kInternal: return "internal";
    case HpaErrorKind::kNone: break;
  }
  return "none";
}

}  // namespace

void HpaReporter::inherit(const HpaReporter& before) {
  written_ = before.written_;
  written_over_ = before.written_over_;
}

std::optional<HpaObjectState> HpaReporter::state() const {
  const auto object = is_object_ ? parts_.view.hpas().cache().find(hpa_) : nullptr;
  if (!object) return std::nullopt;
  HpaObjectState state = decode_hpa_state(*object);
  if (written_ && object->meta.resource_version == written_over_) state.status = *written_;
  return state;
}

asio::awaitable<void> HpaReporter::report(HpaRound round, base::Duration took) {
  const bool writes = is_object_ && !parts_.actuator.dry_run();
  if (writes) {
    for (const HpaEvent& event : round.events) record_event(event);
  }
  if (writes && round.status_changed) {
    const auto written = co_await write_status(round.status);
    if (!written) {
      round.error = HpaErrorKind::kInternal;
      record_event(HpaEvent{true, "FailedUpdateStatus", written.error().message});
      parts_.log.warning("HPA status not written", {{"hpa", hpa_.text()}, {"error", written.error().message}});
    }
  }
  count(round, took);
}

asio::awaitable<base::Result<>> HpaReporter::write_status(HpaStatus status) {
  const auto object = parts_.view.hpas().cache().find(hpa_);
  if (!object) co_return base::Result<>();  // deleted meanwhile
  std::string patch = encode_hpa_status(status);
  const auto written = co_await parts_.client.patch_hpa_status(hpa_, std::move(patch));
  if (!written) co_return written.error();
  written_ = std::move(status);
  written_over_ = object->meta.resource_version;
  co_return base::Result<>();
}

void HpaReporter::record_event(const HpaEvent& event) {
  const auto object = parts_.view.hpas().cache().find(hpa_);
  if (!object) return;
  parts_.events.record(EventSubject{"autoscaling/v2", kHpaKind, object->meta},
                       EventText{kComponent, event.warning, event.reason, event.message});
}

void HpaReporter::count(const HpaRound& round, base::Duration took) {
  const base::Metrics::Labels labels{{"action", label(round.action)}, {"error", label(round.error)}};
  parts_.metrics.increment(kReconciliations, kReconciliationsHelp, labels);
  parts_.metrics.observe(kDurations, kDurationsHelp, base::seconds(took), duration_buckets(), labels);
  for (const HpaMetricComputation& computation : round.computations) {
    parts_.metrics.increment(kComputations, kComputationsHelp,
                             {{"action", label(computation.action)},
                              {"error", label(computation.error)},
                              {"metric_type", computation.metric_type}});
  }
  if (is_object_ && !parts_.view.hpas().cache().find(hpa_)) return;  // deleted meanwhile: its series is gone
  parts_.metrics.set(kDesired, kDesiredHelp, round.status.desired_replicas,
                     {{"namespace", hpa_.ns}, {"hpa_name", hpa_.name}});
}

}  // namespace scaler
