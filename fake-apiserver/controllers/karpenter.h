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
#include "fake-apiserver/controllers/karpenter_batch.h"
#include "fake-apiserver/controllers/node_drain.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_counts.h"
#include "fake-apiserver/controllers/scheduler.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

class Karpenter {
 public:
  Karpenter(KarpenterOptions options, ObjectStore& store, base::Clock& clock, base::Random random, PodCache& pods,
            NodeTable& nodes, const PodCounts& counts, const Scheduler& scheduler, EventRecorder& events,
            base::Metrics& metrics);

 private:
  void on_pod(const Pod* before, const Pod* after);
  void provision();
  void launch(const NodeClaim& claim);
  void register_node(std::uint64_t number);
  void make_ready_later(const std::string& node, std::uint64_t number);
  void take_over();
  void look();
  void consolidate();
  int size() const;

  const KarpenterOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  const base::Random random_;
  PodCache& pods_;
  NodeTable& nodes_;
  const PodCounts& counts_;
  const Scheduler& scheduler_;
  EventRecorder& events_;
  base::Metrics& metrics_;
  std::optional<base::Time> batch_began_;
  Timers::Token batch_ = 0;
  std::uint64_t launched_ = 0;
  std::map<std::uint64_t, NodeClaim> on_their_way_;
  std::map<std::string, base::Time> quiet_since_;  // nodes of ours: their last change
  NodeDrain drain_;
  Timers timers_;
  base::BackgroundClock background_;
  Timers looks_{background_};  // whether pods wait, or anything can be consolidated
};

}  // namespace fakeapi
