// How many pods of which selector are where: what affinities and spread constraints are judged by.
//
// Single-threaded; owned by the Scheduler. Counts only what somebody has asked for, and keeps that up to date.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/pod_constraints.h"

namespace fakeapi {

class PodCounts {
 public:
  using ByNode = std::map<std::string, int>;

  // `store` knows the labels of namespaces.
  PodCounts(PodCache& pods, const ObjectStore& store);

  // Active pods on nodes that `pods` selects; nodes without any may be missing. Valid until the next call.
  const ByNode& of(const PodSelector& pods);

  // What the pods on nodes demand of those that come, and how many on each node demand it.
  struct Demand {
    PodTerm term;
    ByNode by_node;
  };
  const std::map<std::string, Demand>& anti_affinities() const { return demands_; }

 private:
  struct Count {
    PodSelector pods;
    ByNode by_node;
  };

  void on_pod(const Pod* before, const Pod* after);
  void add(const Pod& pod, int sign);
  void forget_demands(const Pod& pod);

  PodCache& pods_;
  const ObjectStore& store_;
  std::map<std::string, Count> counts_;  // by the id of the selector
  std::deque<std::string> asked_for_;    // the oldest first
  std::map<std::string, Demand> demands_;
  // The ids that a pod was counted under: the labels of namespaces may have changed when it goes.
  std::map<ObjectName, std::vector<std::string>> demanded_;
};

}  // namespace fakeapi
