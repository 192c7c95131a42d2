// Nodes as Karpenter provides them: for each batch of pods that wait the cheapest instances that they fit on, without
// groups; nodes that are empty or whose pods fit elsewhere go.
//
// Single-threaded; owned by the Cluster.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/background_clock.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/node_drain.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/scheduler.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

class Karpenter {
 public:
  Karpenter(KarpenterOptions options, ObjectStore& store, base::Clock& clock, base::Random random, PodCache& pods,
            NodeTable& nodes, const Scheduler& scheduler, EventRecorder& events, base::Metrics& metrics);

 private:
  struct Claim {
    std::size_t type = 0;
    std::string zone;
    Node like;  // with the pods that it is for
  };

  void on_pod(const Pod* before, const Pod* after);
  void provision();
  Node empty_node(std::size_t type, const std::string& zone) const;
  // The cheapest type for the claim with the pod in addition; nullopt if none is large enough.
  std::optional<std::size_t> type_for(const Claim* claim, const PlacementRequest& request,
                                      const std::string& zone) const;
  void place(const Pod& pod, std::vector<Node>& room, std::vector<Claim>& claims);
  void launch(const Claim& claim);
  void register_node(std::uint64_t number);
  void look();
  void consolidate();
  int size() const;

  const KarpenterOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  const base::Random random_;
  PodCache& pods_;
  NodeTable& nodes_;
  const Scheduler& scheduler_;
  EventRecorder& events_;
  base::Metrics& metrics_;
  std::optional<base::Time> batch_began_;
  Timers::Token batch_ = 0;
  std::uint64_t launched_ = 0;
  std::map<std::uint64_t, Claim> on_their_way_;
  std::map<std::string, base::Time> quiet_since_;  // nodes of ours: their last change
  NodeDrain drain_;
  Timers timers_;
  base::BackgroundClock background_;
  Timers looks_{background_};  // whether pods wait, or anything can be consolidated
};

}  // namespace fakeapi
