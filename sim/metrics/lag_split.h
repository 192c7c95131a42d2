// Where the time of a scale-up goes, from the second in which pods were needed to the second in which they are ready.
//
// A night's moments become parts like this (times since the start of the run):
//
//   needed .. measured   waiting       no sample had seen the need yet, or no loop had looked at one that had
//   measured .. asked    metric_age    the sample that made a decision ask for more was so old by then
//   asked .. decided     limits        rate limits, stabilization, cooldown or the maximum held the number back
//   decided .. created   scheduling    the write, and the controllers that make pods of it
//   created .. node      node          a node had to be ordered
//   node .. scheduled    scheduling    binding
//   scheduled .. started boot          image pull and start of the container
//   started .. ready     readiness     start of the application until its probe is seen to pass
//
// The moments of one pod: created = metadata.creationTimestamp; node = lastTransitionTime of condition Ready of its
// node, if that is later than `created`; scheduled = lastTransitionTime of condition PodScheduled (True); started =
// status.containerStatuses[].state.running.startedAt; ready = lastTransitionTime of condition Ready (True). Those of a
// decision (decisions.ndjson): at = t, metric_age = ageSeconds of the selected input, raw, current and final as there.
//
// A part before `needed` costs nobody anything and counts as zero, so the parts of a pod add up to
// max(0, ready - needed): nothing for pods that a forecast or a schedule brought in time. Pure functions.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "common/base/time.h"

namespace sim {

struct DecisionMoment {
  base::Duration at{};
  base::Duration metric_age{};
  int current = 0;
  int raw = 0;  // what the metrics ask for, before any limit
  int final = 0;
};

struct PodMoments {
  base::Duration created{};
  std::optional<base::Duration> node;  // nullopt: it found room
  base::Duration scheduled{};
  base::Duration started{};
  base::Duration ready{};
};

struct LagMoments {
  base::Duration needed{};
  base::Duration measured{};
  base::Duration asked{};
  base::Duration decided{};
  PodMoments pod;
};

struct LagSplit {
  base::Duration waiting{}, metric_age{}, limits{}, scheduling{}, node{}, boot{}, readiness{};
  base::Duration total() const { return waiting + metric_age + limits + scheduling + node + boot + readiness; }
  bool operator==(const LagSplit&) const = default;
};

// A moment that lies before the one above it in the table counts as that one.
LagSplit lag_split(const LagMoments& moments);

// The mean of each part; zero of none.
LagSplit mean_lag(std::span<const LagSplit> splits);

// One raise of the replicas and the mean split of the pods that it brought.
struct ScaleUp {
  base::Duration at{};
  int from = 0;
  int to = 0;
  int pods = 0;  // that became ready and are counted
  LagSplit lag;
};

// One entry for each decision with final > current, in order. To it belong the pods created from then until before the
// next such decision (none: a lag of zero). It was needed from the second in which demand rose above `current` and
// stayed there until the decision, or, decided beforehand, from the first second after it that has such a demand; if
// none comes, nobody waited. It was asked for by the first decision since `needed` with raw > current, at the latest by
// itself. REQUIRES: decisions in order of time. Noisy demand is better given as steady_curve() of demand.h, rounded up.
std::vector<ScaleUp> scale_ups(std::span<const int> demand, std::span<const DecisionMoment> decisions,
                               std::span<const PodMoments> pods);

}  // namespace sim
