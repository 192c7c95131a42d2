// How many pods of a workload run in which zone, and on which node: what the scheduler spreads them by.
//
// Single-threaded; owned by the Scheduler. Counts nothing while no node says its zone, unless hosts count too.
#pragma once

#include <map>
#include <string>

#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"

namespace fakeapi {

using SpreadCounts = std::map<std::string, int>;  // by zone or by node

class ZoneSpread {
 public:
  ZoneSpread(PodCache& pods, const NodeTable& nodes, bool by_host = false);

  // Active pods with the same controller as `pod`, by zone; a zone without any may be missing. nullptr if it makes no
  // difference where the pod goes. Valid until the next change.
  const SpreadCounts* counts_for(const Pod& pod) const;
  // The same by node; nullptr if hosts do not count.
  const SpreadCounts* hosts_for(const Pod& pod) const;

 private:
  struct Place {
    std::string owner;
    std::string zone;
    std::string node;
  };
  struct Counts {
    SpreadCounts zones;
    SpreadCounts hosts;
  };

  void on_pod(const Pod* before, const Pod* after);
  void count(const Place& place, int sign);
  const Counts& of_owner(const Pod& pod) const;

  const NodeTable& nodes_;
  const bool by_host_;
  std::map<std::string, Place> places_;  // of the counted pods, by uid: a node may be gone before its pods
  std::map<std::string, Counts> by_owner_;
  const Counts none_{};
};

}  // namespace fakeapi
