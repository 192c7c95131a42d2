// Keeps the rules of aggregated ClusterRoles the union of those that their selectors name, as the real controller does.
// Single-threaded; acts from inside the store's events.
#pragma once

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

class RoleAggregation {
 public:
  explicit RoleAggregation(ObjectStore& store);
  ~RoleAggregation();
  RoleAggregation(const RoleAggregation&) = delete;
  RoleAggregation& operator=(const RoleAggregation&) = delete;

 private:
  void aggregate();

  ObjectStore& store_;
  ObjectStore::SubscriptionId subscription_;
};

}  // namespace fakeapi
