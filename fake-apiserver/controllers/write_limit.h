// How fast a client may write: the token bucket that client-go puts in front of every client's requests.
//
// Single-threaded; owned by its controller.
#pragma once

#include <optional>

#include "common/base/clock.h"

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

}  // namespace fakeapi
