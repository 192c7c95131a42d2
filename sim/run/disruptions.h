// Makes the actions of a scenario happen: what breaks, when, and when it is whole again.
// Driven by the replay, which runs the clock up to next_at() and then calls perform(). Single-threaded.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "fake-apiserver/api/watch_hub.h"
#include "fake-apiserver/controllers/cluster.h"
#include "sim/bridge/system_bridge.h"
#include "sim/run/pausable_metrics.h"
#include "sim/scenario/scenario.h"

namespace sim {

class Disruptions {
 public:
  struct Parts {
    SystemBridge& bridge;
    fakeapi::Cluster& cluster;
    fakeapi::WatchHub& watches;
    PausableMetrics& metrics;
    std::function<void()> stop_scaler;
    std::function<void()> start_scaler;
  };

  Disruptions(const Scenario& scenario, Parts parts);

  // Of the next thing that happens; base::Time::max() if nothing is left.
  base::Time next_at() const;
  // Everything that is due at next_at().
  base::Result<> perform();

 private:
  struct Moment {
    base::Time at;
    const ActionSpec* action;
    bool begins;
  };

  base::Result<> begin(const ActionSpec& action);
  void end(const ActionSpec& action);

  const Parts parts_;
  std::vector<Moment> moments_;  // in order of time; at the same time ends come before beginnings
  std::size_t next_ = 0;
};

}  // namespace sim
