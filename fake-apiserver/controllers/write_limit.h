// How fast a client may write: the token bucket that client-go puts in front of every client's requests.
//
// Single-threaded; owned by its controller.
#pragma once

#include <optional>

#include "common/base/clock.h"
#include "fake-apiserver/controllers/work_queue.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

struct WriteRate {
  double per_second = 20;
  double burst = 30;
};

class WriteLimit {
 public:
  // Without a rate there is no limit.
  WriteLimit(base::Clock& clock, std::optional<WriteRate> rate) : clock_(clock), rate_(rate) {
    if (rate_) tokens_ = rate_->burst;
    at_ = clock.now();
  }

  // Whether a write may go now; it is counted then.
  bool try_take();
  // Counts a write that goes anyway: those that follow wait for it.
  void take() { tokens_ -= rate_ ? 1 : 0; }
  // Until a write may go.
  base::Duration wait();

 private:
  void refill();

  base::Clock& clock_;
  const std::optional<WriteRate> rate_;
  double tokens_ = 0;
  base::Time at_{};
};

// The limit of a controller that writes here and there: what a sync has written is told by the store's revisions.
class WriteMeter {
 public:
  WriteMeter(const ObjectStore& store, base::Clock& clock, std::optional<WriteRate> rate)
      : store_(store), limit_(clock, rate) {}

  // Syncs `name` if the client may write now; otherwise it comes into the queue again for when it may.
  void run(WorkQueue& queue, const ObjectName& name, const WorkQueue::Sync& sync);
  // While run() runs: until another write may go. What was written so far is counted.
  base::Duration wait();

 private:
  void count();

  const ObjectStore& store_;
  WriteLimit limit_;
  Revision counted_ = 0;  // up to here
};

}  // namespace fakeapi
