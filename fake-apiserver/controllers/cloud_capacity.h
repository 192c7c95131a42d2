// What the cloud refuses, and what the autoscaler makes of it. Values and rules; times are arguments.
//
// Not thread-safe; owned by NodePools.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/base/time.h"
#include "fake-apiserver/controllers/cluster_options.h"

namespace fakeapi {

// Which pools get no nodes, and which zones are out, until when.
class CloudCapacity {
 public:
  // A duration of zero means for good. Of several the one that ends last counts.
  void fail_zone(const std::string& zone, base::Time now, base::Duration duration) {
    extend(zones_out_[zone], now, duration);
  }
  void begin_shortage(const std::string& pool, base::Time now, base::Duration duration) {
    extend(pools_short_[pool], now, duration);
  }

  bool zone_is_out(const std::string& zone, base::Time now) const { return covers(zones_out_, zone, now); }
  // True if the cloud has nothing for the pool: a shortage, or all its zones are out.
  bool refuses(const NodePoolOptions& pool, base::Time now) const;

 private:
  using Ends = std::map<std::string, base::Time>;

  static void extend(base::Time& end, base::Time now, base::Duration duration);
  static bool covers(const Ends& ends, const std::string& name, base::Time now);

  Ends zones_out_;
  Ends pools_short_;
};

// How long a pool that was refused nodes is left alone: exponential, as in the cluster-autoscaler.
class PoolBackOff {
 public:
  void refused(const AutoscalerOptions& options, base::Time now);
  bool holds(base::Time now) const { return until_ && now < *until_; }

 private:
  std::optional<base::Time> until_;
  base::Time last_refusal_{};
  base::Duration length_{};
};

}  // namespace fakeapi
