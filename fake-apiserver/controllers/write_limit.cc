#include "fake-apiserver/controllers/write_limit.h"

#include <algorithm>
#include <cmath>

namespace fakeapi {
namespace {

// Of a token: sums of parts of a second are not exact.
constexpr double kEnough = 1 - 1e-9;

}  // namespace

void WriteLimit::refill() {
  const base::Time now = clock_.now();
  tokens_ = std::min(rate_->burst, tokens_ + std::chrono::duration<double>(now - at_).count() * rate_->per_second);
  at_ = now;
}

bool WriteLimit::try_take() {
  if (!rate_) return true;
  refill();
  if (tokens_ < kEnough) return false;
  tokens_ -= 1;
  return true;
}

base::Duration WriteLimit::wait() {
  if (!rate_) return base::Duration::zero();
  refill();
  if (tokens_ >= kEnough) return base::Duration::zero();
  const double seconds = (1 - tokens_) / rate_->per_second;
  return base::Duration(static_cast<base::Duration::rep>(std::ceil(seconds * 1e9)));
}

void WriteMeter::run(WorkQueue& queue, const ObjectName& name, const WorkQueue::Sync& sync) {
  if (const base::Duration wait = limit_.wait(); wait > base::Duration::zero()) return queue.add_after(name, wait);
  counted_ = store_.revision();
  sync(name);
  count();
}

base::Duration WriteMeter::wait() {
  count();
  return limit_.wait();
}

void WriteMeter::count() {
  for (; counted_ < store_.revision(); ++counted_) limit_.take();
}

}  // namespace fakeapi
