#include "scaler/policy/wpa/watermarks.h"

#include <algorithm>
#include <cmath>

#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

using Position = WatermarkProposal::Position;

// By how much a step of so many thousandths of a percent changes `current`; at least by one.
int step_of(std::int64_t factor, int current) {
  const double pods = std::floor(static_cast<double>(factor) / 1000 * static_cast<double>(current) / 100);
  return saturate_to_int(std::max(1.0, pods));
}

int saturated_sum(int a, int b) { return saturate_to_int(static_cast<double>(a) + static_cast<double>(b)); }

// One step towards the watermark, unless the predicted usage would pass it.
void converge(const WpaSpec& spec, const WpaMetric& metric, int ready, int spec_replicas, WatermarkProposal& proposal) {
  const bool shed = spec.converge == WpaSpec::Converge::kHighWatermark;
  const std::int64_t watermark = shed ? metric.high_milli : metric.low_milli;
  proposal.bound = spec_replicas;
  if (watermark != 0) {
    const double pods = static_cast<double>(ready) / static_cast<double>(watermark) * proposal.usage_milli;
    const int least = std::max(1, spec.min_replicas);
    proposal.bound = std::clamp(saturate_to_int(shed ? std::ceil(pods) : std::floor(pods)), least,
                                std::max(least, spec.max_replicas));
  }
  const int candidate = shed ? std::max(spec_replicas - spec.modulo, 1) : saturated_sum(spec_replicas, spec.modulo);
  const bool allowed = shed ? candidate >= proposal.bound : candidate <= proposal.bound;
  if (allowed) proposal.replicas = candidate;
}

}  // namespace

int round_up_to(int modulo, int replicas) {
  const int rest = replicas % modulo;
  return rest > 0 ? saturated_sum(replicas, modulo - rest) : replicas;
}

WatermarkProposal propose_by_watermarks(const WpaSpec& spec, const WpaMetric& metric, std::int64_t sum_milli, int ready,
                                        int spec_replicas) {
  WatermarkProposal proposal;
  const std::int64_t high = metric.high_milli;
  const std::int64_t low = metric.low_milli;
  proposal.high_milli = saturating_add(high, multiply_divide(high, spec.tolerance_milli, 1000));
  proposal.low_milli = low - multiply_divide(low, spec.tolerance_milli, 1000);
  proposal.no_share = spec.average && ready == 0;
  proposal.zero = proposal.no_share || (sum_milli == 0 && !spec.tolerate_zero);
  if (proposal.zero) {
    proposal.raw = proposal.rounded = proposal.replicas = ready;
    return proposal;
  }
  const double pods = static_cast<double>(ready);
  const double usage = static_cast<double>(sum_milli) / (spec.average ? pods : 1.0);
  proposal.usage_milli = usage;
  if (usage > static_cast<double>(proposal.high_milli)) {
    proposal.position = Position::kAbove;
    proposal.raw = ceil_to_int(pods * usage / static_cast<double>(high));
    proposal.rounded = round_up_to(spec.modulo, proposal.raw);
    proposal.replicas = std::max(proposal.rounded, spec_replicas);
  } else if (usage < static_cast<double>(proposal.low_milli)) {
    proposal.position = Position::kBelow;
    proposal.raw = std::max(1, saturate_to_int(std::floor(pods * usage / static_cast<double>(low))));
    proposal.rounded = round_up_to(spec.modulo, proposal.raw);
    proposal.replicas = std::min(proposal.rounded, spec_replicas);
  } else {
    proposal.raw = proposal.rounded = proposal.replicas = spec_replicas;
    if (spec.converge != WpaSpec::Converge::kOff) converge(spec, metric, ready, spec_replicas, proposal);
  }
  return proposal;
}

Velocity limit_velocity(const WpaSpec& spec, int current, int desired, int ready) {
  Velocity velocity;
  velocity.down_to = spec.scale_down_limit == 0 ? current : current - step_of(spec.scale_down_limit, current);
  velocity.up_to = spec.scale_up_limit == 0 ? current : saturated_sum(current, step_of(spec.scale_up_limit, current));

  int floor = spec.min_replicas;
  velocity.limit = Velocity::Limit::kTooFew;
  if (spec.min_replicas == 0) {
    floor = 1;
  } else if (desired < velocity.down_to) {
    floor = std::max(velocity.down_to, spec.min_replicas);
    velocity.limit = Velocity::Limit::kScaleDown;
    velocity.too_few_ready = ready > 0 && ready < floor;
    if (velocity.too_few_ready) floor = current;
  }
  if (desired < floor) {
    velocity.replicas = floor;
    return velocity;
  }
  velocity.too_few_ready = false;
  const bool fast = desired > velocity.up_to;
  const int ceiling = fast ? std::min(velocity.up_to, spec.max_replicas) : spec.max_replicas;
  velocity.limit = Velocity::Limit::kNone;
  if (desired > ceiling) velocity.limit = fast ? Velocity::Limit::kScaleUp : Velocity::Limit::kTooMany;
  velocity.replicas = std::min(desired, ceiling);
  return velocity;
}

}  // namespace scaler
