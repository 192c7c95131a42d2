// A local copy of a collection: what reads are answered from, so that they cost the API server nothing.
//
// Written by an Informer alone; handlers are called after the change, and must not write. Single-threaded.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "scaler/client/api_types.h"

namespace scaler {

template <class T>
class ObjectCache {
 public:
  using Ptr = std::shared_ptr<const T>;
  struct Handlers {
    std::function<void(const Ptr& object)> added;
    std::function<void(const Ptr& before, const Ptr& after)> updated;
    std::function<void(const Ptr& last)> deleted;
  };

  // Not called for what is in the cache already. Empty functions are allowed.
  void subscribe(Handlers handlers) { handlers_.push_back(std::move(handlers)); }

  // Null if absent.
  Ptr find(const ObjectKey& key) const {
    const auto found = objects_.find(key);
    return found == objects_.end() ? nullptr : found->second;
  }

  // Sorted by namespace and name.
  const std::map<ObjectKey, Ptr>& all() const { return objects_; }

  // Calls `visit(const T&)` for each object of the namespace, in order of name; of all namespaces if `ns` is empty.
  template <class Visitor>
  void for_each(const std::string& ns, Visitor visit) const {
    auto it = ns.empty() ? objects_.begin() : objects_.lower_bound(ObjectKey{ns, ""});
    for (; it != objects_.end() && (ns.empty() || it->first.ns == ns); ++it) visit(*it->second);
  }

  void put(Ptr object) {
    Ptr& slot = objects_[object->meta.key];
    const Ptr before = std::exchange(slot, object);
    if (!before) return notify(&Handlers::added, object);
    // Seen already, by a list. Versions alone don't tell: a server that lost its data counts anew.
    if (before->meta.resource_version == object->meta.resource_version && before->meta.uid == object->meta.uid) return;
    notify(&Handlers::updated, before, object);
  }

  void remove(const ObjectKey& key) {
    const auto found = objects_.find(key);
    if (found == objects_.end()) return;
    const Ptr last = found->second;
    objects_.erase(found);
    notify(&Handlers::deleted, last);
  }

  // Makes the cache equal to `objects`. What is no longer among them was deleted while nobody watched: its handlers
  // are called with the last state known.
  void replace(const std::vector<Ptr>& objects) {
    std::map<ObjectKey, Ptr> gone = objects_;
    for (const Ptr& object : objects) gone.erase(object->meta.key);
    for (const auto& [key, object] : gone) remove(key);
    for (const Ptr& object : objects) put(object);
  }

 private:
  template <class Member, class... Args>
  void notify(Member member, const Args&... args) {
    for (const Handlers& handlers : handlers_) {
      if (handlers.*member) (handlers.*member)(args...);
    }
  }

  std::map<ObjectKey, Ptr> objects_;
  std::vector<Handlers> handlers_;
};

}  // namespace scaler
