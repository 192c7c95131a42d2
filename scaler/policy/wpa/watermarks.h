// The arithmetic of the WatermarkPodAutoscaler: from a measured sum to a proposal, and how far one step may go.
//
// Pure functions. The order of operations is upstream's (DataDog/watermarkpodautoscaler): watermarks and tolerance are
// integers, in thousandths and cut towards zero, the quotients are doubles.
#pragma once

#include <cstdint>

#include "scaler/policy/wpa/wpa_spec.h"

namespace scaler {

struct WatermarkProposal {
  enum class Position { kInside, kAbove, kBelow };
  Position position = Position::kInside;
  bool zero = false;            // a sum of 0 that is not tolerated: the ready pods are proposed
  bool no_share = false;        // an average over no pods: there is no usage, and it is handled as a sum of 0
  double usage_milli = 0;       // the sum, or its share a ready pod
  std::int64_t high_milli = 0;  // the watermarks, widened by the tolerance
  std::int64_t low_milli = 0;
  int raw = 0;       // before any rule
  int rounded = 0;   // up to a multiple of the modulo
  int replicas = 0;  // and never the wrong way
  int bound = 0;     // when converging: how far the other watermark lets it go
};

WatermarkProposal propose_by_watermarks(const WpaSpec& spec, const WpaMetric& metric, std::int64_t sum_milli, int ready,
                                        int spec_replicas);

struct Velocity {
  enum class Limit { kNone, kScaleDown, kTooFew, kScaleUp, kTooMany };
  int replicas = 0;
  Limit limit = Limit::kNone;
  int down_to = 0;  // how far one step goes
  int up_to = 0;
  bool too_few_ready = false;  // there are so few that nothing shrinks at all
};

// `ready`: the ready pods of the metric that won.
Velocity limit_velocity(const WpaSpec& spec, int current, int desired, int ready);

// Up to a multiple of the modulo.
int round_up_to(int modulo, int replicas);

}  // namespace scaler
