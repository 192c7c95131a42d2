// Ends Event objects, whoever wrote them: an hour after their last write, the oldest sooner when there are too many.
//
// Single-threaded; owned by whoever serves the store. core/v1 and events.k8s.io/v1 are two forms of the same objects.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "common/base/background_clock.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

struct EventExpiryOptions {
  base::Duration time_to_live = std::chrono::hours(1);  // kube-apiserver --event-ttl
  // A guard of memory, which a real server leaves to etcd: at rest an Event takes about a kilobyte.
  std::size_t limit = 50'000;
};

class EventExpiry {
 public:
  EventExpiry(EventExpiryOptions options, ObjectStore& store, base::Clock& clock);

 private:
  struct Write {
    base::Time at;
    std::uint64_t number;  // grows: the tie-break
    auto operator<=>(const Write&) const = default;
  };

  void on_event(const StoreEvent& event);
  void note(const ObjectName& name, base::Time written);
  void forget(const ObjectName& name);
  void remove_oldest();
  void expire();
  void await_next();

  const EventExpiryOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  std::uint64_t writes_ = 0;
  std::map<Write, ObjectName> oldest_first_;
  std::map<ObjectName, Write> last_write_;
  std::optional<base::Time> awaited_;
  base::BackgroundClock background_;  // that an Event goes is nothing to wait for
  Timers timers_{background_};
  Subscription subscription_;
};

}  // namespace fakeapi
