// How many pods of which selector are where: what affinities and spread constraints are judged by.
//
// Single-threaded; owned by the Cluster. Counts only what somebody has asked for, and keeps that up to date.
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

  // Pods that are being deleted are still there for affinities, while a spread looks past them.
  enum class Leaving { kIgnored, kCounted };

  // Unfinished pods on nodes that `pods` selects; nodes without any may be missing. Valid until the next call.
  const ByNode& of(const PodSelector& pods, Leaving leaving) const;

  // What the pods on nodes demand of those that come, and how many on each node demand it.
  struct Demand {
    PodTerm term;
    ByNode by_node;
  };
  // By id_of() of the term.
  const std::map<std::string, Demand>& anti_affinities() const { return demands_; }
  static std::string id_of(const PodTerm& term) { return term.topology_key + "\n" + term.pods.id; }

  const ObjectStore& store() const { return store_; }

 private:
  struct Count {
    PodSelector pods;
    Leaving leaving = Leaving::kCounted;
    ByNode by_node;
  };

  void on_pod(const Pod* before, const Pod* after);
  void count(const Pod& pod, int sign);
  void remember_demands(const Pod& pod);
  void forget_demands(const Pod& pod);

  PodCache& pods_;
  const ObjectStore& store_;
  mutable std::map<std::string, Count> counts_;  // by the id of the selector and whether the leaving count
  mutable std::deque<std::string> asked_for_;    // the oldest first
  std::map<std::string, Demand> demands_;
  // The ids that a pod was counted under: the labels of namespaces may have changed when it goes.
  std::map<ObjectName, std::vector<std::string>> demanded_;
};

}  // namespace fakeapi
