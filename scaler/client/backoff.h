// How long to wait before the next attempt: doubles from one failure to the next, with jitter, and forgets after a
// healthy while. The numbers are those of client-go's reflector.
//
// Pure state machine. Not thread-safe; owned by whoever retries.
#pragma once

#include <chrono>
#include <optional>

#include "common/base/random.h"
#include "common/base/time.h"

namespace scaler {

struct BackoffOptions {
  base::Duration initial = std::chrono::milliseconds(800);
  base::Duration maximum = std::chrono::seconds(30);       // before jitter
  base::Duration healthy_after = std::chrono::minutes(2);  // without a failure for so long: start over
  double jitter = 1.0;  // each delay is stretched by a random factor in [1, 1 + jitter)
};

class Backoff {
 public:
  Backoff(BackoffOptions options, base::Random random) : options_(options), random_(random), base_(options.initial) {}

  // The delay after a failure at `now`. REQUIRES: `now` never goes backwards between calls.
  base::Duration next(base::Time now);

 private:
  const BackoffOptions options_;
  base::Random random_;
  base::Duration base_;
  std::optional<base::Time> retry_at_;  // when the wait that was handed out last is over
};

}  // namespace scaler
