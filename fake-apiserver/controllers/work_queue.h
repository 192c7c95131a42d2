// The work queue of a controller: names of objects to look at, each at most once, never from inside the event.
//
// Single-threaded; owned by its controller.
#pragma once

#include <functional>
#include <map>

#include "fake-apiserver/controllers/timers.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

class WorkQueue {
 public:
  using Sync = std::function<void(const ObjectName&)>;

  // `delay` passes between an event and the controller's reaction; events in between are one piece of work.
  WorkQueue(base::Clock& clock, base::Duration delay, Sync sync)
      : clock_(clock), delay_(delay), sync_(std::move(sync)), timers_(clock) {}

  void add(const ObjectName& name) { add_after(name, delay_); }
  // The earlier of two wishes for the same name wins: a sync asks again for what it still waits for.
  void add_after(const ObjectName& name, base::Duration wait);

 private:
  struct Queued {
    base::Time due;
    Timers::Token timer;
  };

  base::Clock& clock_;
  const base::Duration delay_;
  const Sync sync_;
  std::map<ObjectName, Queued> queued_;
  Timers timers_;
};

}  // namespace fakeapi
