// Threads that work on one engine run: they draw the arrivals of coming slices, and each may serve a share of the pods.
//
// Who finds that the slice it needs is not drawn draws it, or the next that nobody draws; so the work balances itself
// and what is drawn does not depend on who does it. Used by one engine, whose thread is worker 0; the destructor joins
// the others.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "sim/service/request_stream.h"

namespace sim {

// The batches of a stretch of slices, at most kAhead of them at a time.
class SliceQueue {
 public:
  static constexpr std::int64_t kAhead = 32;

  SliceQueue(const RequestStream& requests, std::size_t consumers);

  // The stretch [first, last) is next. REQUIRES: nobody is at work.
  void begin(std::int64_t first, std::int64_t last);

  // For a consumer that takes slice after slice: valid until it asks for the next. nullptr: the work was abandoned.
  const ArrivalBatch* take(std::size_t consumer, std::int64_t slice);
  // For a worker that consumes nothing: draws until all is drawn or the work is abandoned.
  void draw_all();
  // Nobody waits any more.
  void abandon() { abandoned_ = true; }

 private:
  struct alignas(64) Place {
    std::atomic<std::int64_t> ready;  // the slice that is in it
    ArrivalBatch batch;
    RequestStream::Scratch scratch;
  };
  struct alignas(64) Consumer {
    std::atomic<std::int64_t> at;  // the slices before it are not needed
  };

  Place& place(std::int64_t slice) { return places_[static_cast<std::size_t>(slice - first_) % kAhead]; }
  // Draws the next slice that nobody draws; false if there is none or no room.
  bool draw_one();

  const RequestStream& requests_;
  std::int64_t first_ = 0;
  std::int64_t last_ = 0;
  std::vector<Place> places_;
  std::vector<Consumer> consumers_;
  std::atomic<std::int64_t> next_ = 0;
  std::atomic<bool> abandoned_ = false;
};

class SliceCrew {
 public:
  // `threads` in all, the caller's included. REQUIRES: at least 1.
  explicit SliceCrew(std::uint32_t threads);
  ~SliceCrew();

  std::uint32_t size() const { return static_cast<std::uint32_t>(threads_.size()) + 1; }
  // Calls work(worker) for 0 (here) to size() - 1, and returns when all have returned. What one throws is thrown here,
  // once `abandon` has been called and the others have returned.
  void run(const std::function<void(std::uint32_t)>& work, const std::function<void()>& abandon);

 private:
  void serve(std::uint32_t worker);
  void do_work(std::uint32_t worker);

  std::mutex mutex_;
  std::condition_variable begun_;
  std::condition_variable done_;
  std::uint64_t round_ = 0;
  bool stopping_ = false;
  std::size_t working_ = 0;
  const std::function<void(std::uint32_t)>* work_ = nullptr;
  const std::function<void()>* abandon_ = nullptr;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace sim
