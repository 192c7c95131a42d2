// Keeps status.hard and status.used of every ResourceQuota true, change by change.
//
// Looks at nothing while there is no quota, and then only at what quotas count. Single-threaded; owned by
// FakeApiServer; writes to the store from inside its deliveries.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "fake-apiserver/kinds/quota_usage.h"

namespace fakeapi {

class QuotaLedger {
 public:
  explicit QuotaLedger(ObjectStore& store);
  ~QuotaLedger();
  QuotaLedger(const QuotaLedger&) = delete;
  QuotaLedger& operator=(const QuotaLedger&) = delete;

 private:
  // One quota: what each object uses of it, and the sum.
  struct Account {
    Json spec;
    std::vector<Resource> counts;  // what `spec` speaks of
    QuotaAmounts hard;
    QuotaAmounts used;
    std::map<std::pair<Resource, std::string>, QuotaAmounts> entries;
  };

  // What is counted, and by how many accounts.
  struct Counted {
    ObjectStore::SubscriptionId subscription;
    int accounts = 0;
  };

  void on_quota(const StoreEvent& event);
  void on_object(const StoreEvent& event);
  void open(const ObjectName& name, const Json& quota);
  // The object as it now is, null if it has gone. Whether that changes anything.
  bool enter(Account& account, const Resource& resource, const std::string& name, const Json* object);
  void follow(const std::vector<Resource>& resources);
  void unfollow(const std::vector<Resource>& resources);
  void publish(const ObjectName& name, const Account& account);

  ObjectStore& store_;
  ObjectStore::SubscriptionId quotas_;
  std::map<Resource, Counted> counted_;
  std::map<ObjectName, Account> accounts_;
};

}  // namespace fakeapi
