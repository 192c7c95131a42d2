#include "sim/service/slice_crew.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace sim {

SliceQueue::SliceQueue(const RequestStream& requests, std::size_t consumers)
    : requests_(requests), places_(kAhead), consumers_(consumers) {}

void SliceQueue::begin(std::int64_t first, std::int64_t last) {
  first_ = first;
  last_ = last;
  next_ = first;
  for (Place& place : places_) place.ready = first - 1;
  for (Consumer& consumer : consumers_) consumer.at = first;
}

const ArrivalBatch* SliceQueue::take(std::size_t consumer, std::int64_t slice) {
  consumers_[consumer].at.store(slice, std::memory_order_release);
  Place& wanted = place(slice);
  while (wanted.ready.load(std::memory_order_acquire) != slice) {
    if (abandoned_) return nullptr;
    if (!draw_one()) std::this_thread::yield();
  }
  return &wanted.batch;
}

void SliceQueue::draw_all() {
  while (!abandoned_ && next_ < last_) {
    if (!draw_one()) std::this_thread::yield();
  }
}

bool SliceQueue::draw_one() {
  std::int64_t slice = next_.load(std::memory_order_relaxed);
  do {
    if (slice >= last_) return false;
    for (const Consumer& consumer : consumers_) {
      if (slice >= consumer.at.load(std::memory_order_acquire) + kAhead) return false;
    }
  } while (!next_.compare_exchange_weak(slice, slice + 1, std::memory_order_relaxed));
  Place& to = place(slice);
  requests_.generate(slice, to.scratch, to.batch);
  to.ready.store(slice, std::memory_order_release);
  return true;
}

SliceCrew::SliceCrew(std::uint32_t threads) {
  CHECK(threads > 0, "somebody does the work");
  for (std::uint32_t worker = 1; worker < threads; ++worker) {
    threads_.emplace_back([this, worker] { serve(worker); });
  }
}

SliceCrew::~SliceCrew() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  begun_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void SliceCrew::run(const std::function<void(std::uint32_t)>& work, const std::function<void()>& abandon) {
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    abandon_ = &abandon;
    working_ = threads_.size();
    ++round_;
  }
  begun_.notify_all();
  do_work(0);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return working_ == 0; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void SliceCrew::serve(std::uint32_t worker) {
  std::uint64_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      begun_.wait(lock, [&] { return stopping_ || round_ != seen; });
      if (stopping_) return;
      seen = round_;
    }
    do_work(worker);
    const std::lock_guard lock(mutex_);
    if (--working_ == 0) done_.notify_one();
  }
}

void SliceCrew::do_work(std::uint32_t worker) {
  try {
    (*work_)(worker);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    (*abandon_)();
  }
}

}  // namespace sim
