// A revisioned store of JSON documents: what etcd and the generic registry are to a real API server.
//
// Schemaless: it knows `metadata`, and that a write to the main resource leaves `status` alone. One revision counter
// counts every change of every resource; it is what clients see as resourceVersion. Objects are immutable once stored,
// and shared. Single-threaded, like the executor that it lives on; subscribers are called from inside the write.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/result.h"
#include "fake-apiserver/store/document_cache.h"

namespace fakeapi {

using Json = nlohmann::json;
using ObjectPtr = std::shared_ptr<const Json>;
using Revision = std::uint64_t;

// A collection: API group ("" for core) and plural resource name. The same object is served in all versions.
struct Resource {
  std::string group;
  std::string plural;
  auto operator<=>(const Resource&) const = default;
};

// `ns` is empty for objects of the cluster.
struct ObjectName {
  std::string ns;
  std::string name;
  auto operator<=>(const ObjectName&) const = default;
};

ObjectName name_of(const Json& object);

enum class EventType { kAdded, kModified, kDeleted };

struct StoreEvent {
  Revision revision = 0;
  base::Time at{};
  EventType type = EventType::kAdded;
  Resource resource;
  ObjectPtr object;     // after the change; for kDeleted the last state, carrying the deletion's revision
  ObjectPtr previous;   // before the change; null for kAdded
  ObjectState state{};  // of `object`, with its text; nothing in events that are not the store's
};

struct StoreOptions {
  std::size_t history_limit = 100'000;                   // events kept for watches that resume
  base::Duration history_age = std::chrono::minutes(5);  // older ones are dropped
  // States of objects that stand ready as documents; the others rest as text, which costs time where they are needed.
  std::size_t open_documents = 1'000'000;
};

// What part of an object a write may change.
enum class Part {
  kAll,
  kSpec,      // everything but status
  kStatus,    // nothing but status
  kDocument,  // everything, and a change of the status raises the generation like any other
};

struct Preconditions {
  std::optional<std::string> uid;
  std::optional<std::string> resource_version;
};

class ObjectStore {
 public:
  using Subscriber = std::function<void(const StoreEvent&)>;
  using SubscriptionId = std::uint64_t;
  // Changes the copy that it is given; may refuse.
  using Mutation = std::function<base::Result<>(Json& object)>;

  ObjectStore(base::Clock& clock, base::Random random, StoreOptions options);

  // Fills in name (from generateName), uid, creationTimestamp, generation and resourceVersion. kExists, kInvalid.
  base::Result<ObjectPtr> create(const Resource& resource, Json object);

  base::Result<ObjectPtr> get(const Resource& resource, const ObjectName& name) const;
  // The same, null if there is none.
  ObjectPtr find(const Resource& resource, const ObjectName& name) const;

  // The same with its text, without a document where nobody needs one; nothing if there is no such object.
  ObjectState state(const Resource& resource, const ObjectName& name) const;
  // What the result of a write is, with its text.
  ObjectState state_of(const Resource& resource, const ObjectPtr& object) const;

  // Sorted by namespace and name; an empty `ns` means all namespaces.
  std::vector<ObjectPtr> list(const Resource& resource, const std::string& ns = "") const;

  // The same one by one, for collections too large to have all their documents open. `visit` must not write.
  void visit(const Resource& resource, const std::string& ns,
             const std::function<void(const ObjectName&, const ObjectState&)>& visit) const;

  // Read, change, write, in one step. If the copy comes back with another resourceVersion in its metadata than the
  // stored one, that is a lost race: kConflict. An unchanged object keeps its revision and causes no event. A changed
  // spec (anything but metadata and status) raises metadata.generation. Removing the last finalizer of an object that
  // is being deleted removes it; the result is then its last state.
  base::Result<ObjectPtr> update(const Resource& resource, const ObjectName& name, Part part, const Mutation& change);

  // Removes at once if there are no finalizers and `grace` is absent or zero; otherwise stamps deletionTimestamp and
  // deletionGracePeriodSeconds. The result is the object as it now is (or last was). `mark` changes the object first,
  // in the same write: the finalizers that it leaves there count.
  base::Result<ObjectPtr> remove(const Resource& resource, const ObjectName& name, const Preconditions& preconditions,
                                 std::optional<base::Duration> grace = std::nullopt, const Mutation& mark = nullptr);

  // Runs `write`, calls of the above, for its result alone: nothing is stored, nobody is told.
  base::Result<ObjectPtr> rehearse(const std::function<base::Result<ObjectPtr>()>& write);

  Revision revision() const { return revision_; }

  // Every change of `resource` from now on, in order, as it happens. The subscriber may write to the store: what it
  // causes is delivered after the current event has reached everybody.
  SubscriptionId subscribe(const Resource& resource, Subscriber subscriber);
  // The same for all resources.
  SubscriptionId subscribe_all(Subscriber subscriber);
  void unsubscribe(SubscriptionId id);

  // The changes of `resource` after `since`, oldest first; kExpired if the history no longer reaches back that far.
  base::Result<std::vector<StoreEvent>> events_since(const Resource& resource, Revision since) const;

  // The collection as it was at an earlier revision (for continued lists); kExpired as above.
  base::Result<std::vector<ObjectPtr>> list_at(const Resource& resource, const std::string& ns, Revision at) const;

  base::Clock& clock() { return clock_; }

  // All collections that hold anything, in order.
  std::vector<Resource> resources() const;
  // Puts `objects` as they are, with their uids and revisions, in the place of everything, and goes on counting at
  // `revision`. To subscribers all that was there is deleted and all that is there now is added; to clients history
  // begins here. REQUIRES: every object has a name, and no revision above `revision`.
  void restore(Revision revision, std::vector<std::pair<Resource, Json>> objects);
  // Forgets all of the history but its last `events`.
  void shrink_history(std::size_t events);

 private:
  using Collection = std::map<ObjectName, StoredPtr>;
  struct Change {
    Revision revision;
    base::Time at;
    EventType type;
    const Resource* resource;  // a key of collections_
    StoredPtr object;
    StoredPtr previous;
  };
  struct Subscription {
    SubscriptionId id;
    std::optional<Resource> resource;  // nullopt: all
    Revision since;                    // only later events
    std::shared_ptr<Subscriber> call;
  };

  std::string new_uid();
  std::string new_suffix();
  base::Result<ObjectPtr> replace(const Resource& resource, const ObjectName& name, Part part, const ObjectPtr& stored,
                                  Json object);
  ObjectPtr commit(EventType type, const Resource& resource, const ObjectName& name, Json object, ObjectPtr previous);
  StoreEvent event_of(const Change& change) const;
  StoredPtr stored(const Resource& resource, const ObjectName& name) const;
  // Where in history_ the events after `since` begin.
  base::Result<std::size_t> history_after(Revision since) const;
  void deliver();
  void trim_history();

  base::Clock& clock_;
  base::Random random_;
  const StoreOptions options_;
  Revision revision_ = 1;
  Revision oldest_complete_ = 1;  // events after this revision are all in history_
  std::map<Resource, Collection> collections_;
  std::deque<Change> history_;
  mutable DocumentCache documents_;
  std::vector<Subscription> subscriptions_;
  SubscriptionId last_subscription_ = 0;
  std::deque<StoreEvent> undelivered_;
  bool delivering_ = false;
  bool rehearsing_ = false;
};

}  // namespace fakeapi
