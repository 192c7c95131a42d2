// How long controllers wait before they try again what has failed: each failure in a row doubles it, as the work queues
// of the real ones do.
//
// Single-threaded; owned by a controller.
#pragma once

#include <algorithm>
#include <map>

#include "common/base/clock.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

class RetryDelays {
 public:
  explicit RetryDelays(base::Clock& clock) : clock_(clock) {}

  // After one more failure; one that comes before the wait is over, as something else has changed, makes it no longer.
  base::Duration next(const ObjectName& name) {
    constexpr base::Duration kFirst = std::chrono::seconds(1);
    constexpr base::Duration kLongest = std::chrono::seconds(1000);
    const base::Time now = clock_.now();
    const auto [at, first] = waits_.try_emplace(name, Wait{kFirst, now + kFirst});
    Wait& wait = at->second;
    if (!first && wait.due <= now) {
      wait.delay = std::min(wait.delay * 2, kLongest);
      wait.due = now + wait.delay;
    }
    return wait.due - now;
  }
  void forget(const ObjectName& name) { waits_.erase(name); }

 private:
  struct Wait {
    base::Duration delay;
    base::Time due;
  };

  base::Clock& clock_;
  std::map<ObjectName, Wait> waits_;
};

}  // namespace fakeapi
