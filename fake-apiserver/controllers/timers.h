// Timers that end with their owner: what it has asked the clock for is cancelled when it goes.
//
// Single-threaded, like the clock.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "common/base/clock.h"

namespace fakeapi {

class Timers {
 public:
  using Token = std::uint64_t;  // 0 is never used

  explicit Timers(base::Clock& clock) : clock_(clock) {}
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  Token call_at(base::Time at, std::function<void()> fn);
  Token call_after(base::Duration delay, std::function<void()> fn) {
    return call_at(clock_.now() + delay, std::move(fn));
  }
  // Does nothing if the call has run already.
  void cancel(Token token);

 private:
  base::Clock& clock_;
  Token last_ = 0;
  std::map<Token, base::Clock::TimerId> pending_;
};

}  // namespace fakeapi
