// Ends a subscription to the store with its owner.
#pragma once

#include <utility>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

class Subscription {
 public:
  Subscription(ObjectStore& store, const Resource& resource, ObjectStore::Subscriber subscriber)
      : store_(store), id_(store.subscribe(resource, std::move(subscriber))) {}
  // To all resources.
  Subscription(ObjectStore& store, ObjectStore::Subscriber subscriber)
      : store_(store), id_(store.subscribe_all(std::move(subscriber))) {}
  ~Subscription() { store_.unsubscribe(id_); }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

 private:
  ObjectStore& store_;
  const ObjectStore::SubscriptionId id_;
};

}  // namespace fakeapi
