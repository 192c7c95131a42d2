// A night of a cron and a prometheus trigger, from zero through a spike and back.
#include <gtest/gtest.h>

#include "scaler/policy/keda/keda_world.h"

namespace scaler {
namespace {

using testing::KedaWorld;
using testing::ReplicaChange;
using testing::scaled_object;
using testing::with_external;

using Changes = std::vector<ReplicaChange>;

// Cron: 5 replicas from 00:10 to 00:40. Prometheus: 2,000 at 100 a pod from 00:15 to 00:25, nothing else.
KedaWorld night(int cooldown_seconds) {
  const std::string spec = "  cooldownPeriod: " + std::to_string(cooldown_seconds) + R"(
  maxReplicaCount: 30
  triggers:
    - type: cron
      metadata: {timezone: Etc/UTC, start: 10 0 * * *, end: 40 0 * * *, desiredReplicas: "5"}
    - type: prometheus
      metadata: {serverAddress: "http://p", query: q, threshold: "100"}
)";
  return KedaWorld(scaled_object(spec), 0, [](Observation observation, int second) {
    const bool spike = second >= 900 && second < 1500;
    return with_external(std::move(observation), "s1-prometheus", spike ? 2000 : 0);
  });
}

TEST(KedaTimelineTest, FromZeroThroughASpikeAndBack) {
  EXPECT_EQ(night(600).run(4 * 3600), (Changes{{600, 1},   // cron starts: the poll wakes the target
                                               {615, 4},   // the HPA, at most 4 in a round
                                               {630, 5},   // what cron wants
                                               {900, 10},  // the spike, at most the double
                                               {915, 20},  // 2000 / 100
                                               {1800, 5},  // 300 s after the last high recommendation: the HPA's window
                                               {2700, 1},  // 300 s after the end of cron: the same window
                                               {3000, 0}}));  // cooldownPeriod after the poll of 2370 s
}

// cooldownPeriod delays the step to zero and no other.
TEST(KedaTimelineTest, NoCooldownDelaysTheStepsDownToOne) {
  const Changes before = {{600, 1}, {615, 4}, {630, 5}, {900, 10}, {915, 20}, {1800, 5}};
  struct Case {
    int cooldown;
    Changes after;
  };
  const Case cases[] = {
      {0, {{2400, 0}}},  // from five at once: the poll does not wait for the HPA
      {300, {{2700, 0}}},
      {331, {{2700, 1}, {2730, 0}}},
      {3600, {{2700, 1}, {6000, 0}}},
  };
  for (const Case& c : cases) {
    Changes expected = before;
    expected.insert(expected.end(), c.after.begin(), c.after.end());
    EXPECT_EQ(night(c.cooldown).run(4 * 3600), expected) << c.cooldown << " s";
  }
}

TEST(KedaTimelineTest, TheSameNightTwiceIsTheSame) {
  KedaWorld twice = night(600);
  const Changes first = twice.run(24 * 3600);
  const Changes second = twice.run(28 * 3600);
  EXPECT_EQ(first.size(), 8u);
  // The clock shows 00:10 again a day later; the spike was once.
  EXPECT_EQ(second,
            (Changes{{86400 + 600, 1}, {86400 + 615, 4}, {86400 + 630, 5}, {86400 + 2700, 1}, {86400 + 3000, 0}}));
}

}  // namespace
}  // namespace scaler
