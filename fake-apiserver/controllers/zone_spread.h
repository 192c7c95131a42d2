// How many pods of a workload run in which zone: what the scheduler spreads them by.
//
// Single-threaded; owned by the Scheduler. Counts nothing while no node says its zone.
#pragma once

#include <map>
#include <string>

#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"

namespace fakeapi {

using ZoneCounts = std::map<std::string, int>;

class ZoneSpread {
 public:
  ZoneSpread(PodCache& pods, const NodeTable& nodes);

  // Active pods with the same controller as `pod`, by zone; a zone without any may be missing. nullptr if it makes no
  // difference where the pod goes. Valid until the next change.
  const ZoneCounts* counts_for(const Pod& pod) const;

 private:
  struct Place {
    std::string owner;
    std::string zone;
  };

  void on_pod(const Pod* before, const Pod* after);

  const NodeTable& nodes_;
  std::map<std::string, Place> places_;  // of the counted pods, by uid: a node may be gone before its pods
  std::map<std::string, ZoneCounts> by_owner_;
  const ZoneCounts none_;
};

}  // namespace fakeapi
