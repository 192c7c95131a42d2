#include "sim/service/slice_crew.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "sim/service/engine.h"

namespace sim {
namespace {

EngineOptions steady() {
  EngineOptions o;
  o.sources = {{.name = "a", .profile = RateProfile::constant(3000)},
               {.name = "b", .profile = RateProfile::constant(500)}};
  o.service.mean = 10 * kMillisecond;
  o.workers = 4;
  o.duration = 30 * kSecond;
  return o;
}

TEST(SliceQueueTest, GivesEveryConsumerTheSlicesOfTheStream) {
  const EngineOptions options = steady();
  const QuantileTable demand = QuantileTable::exponential(1e7);
  RequestStream requests(options, demand, base::Random(1));
  SliceQueue queue(requests, 3);
  SliceCrew crew(5);
  for (const std::int64_t first : {0, 100}) {
    queue.begin(first, first + 100);
    std::vector<std::uint64_t> seen(3, 0);
    crew.run(
        [&](std::uint32_t worker) {
          if (worker >= seen.size()) return queue.draw_all();
          for (std::int64_t slice = first; slice < first + 100; ++slice) {
            const ArrivalBatch* const batch = queue.take(worker, slice);
            for (const Ticks at : batch->at) {
              if (step_of(at, kSlice) != slice) seen[worker] += 1'000'000'000;
            }
            seen[worker] += batch->size();
          }
        },
        [&queue] { queue.abandon(); });

    RequestStream::Scratch scratch;
    ArrivalBatch batch;
    std::uint64_t expected = 0;
    for (std::int64_t slice = first; slice < first + 100; ++slice) {
      requests.generate(slice, scratch, batch);
      expected += batch.size();
    }
    for (const std::uint64_t n : seen) EXPECT_EQ(n, expected);
  }
}

TEST(SliceCrewTest, ThrowsWhatAWorkerThrowsAfterAllHaveReturned) {
  const EngineOptions options = steady();
  const QuantileTable demand = QuantileTable::exponential(1e7);
  const RequestStream requests(options, demand, base::Random(1));
  SliceCrew crew(3);
  for (const std::uint32_t culprit : {0U, 1U, 2U}) {
    SliceQueue queue(requests, 3);
    queue.begin(0, 1000);
    const auto work = [&](std::uint32_t worker) {
      for (std::int64_t slice = 0; slice < 1000; ++slice) {
        // The others would wait for room that this one never makes.
        if (worker == culprit && slice == 5) throw std::runtime_error("worker " + std::to_string(worker));
        if (queue.take(worker, slice) == nullptr) return;
      }
      ADD_FAILURE() << "nobody gets to the end";
    };
    try {
      crew.run(work, [&queue] { queue.abandon(); });
      FAIL() << "it did not throw";
    } catch (const std::runtime_error& e) {
      EXPECT_EQ(e.what(), "worker " + std::to_string(culprit));
    }
  }
}

TEST(SliceCrewTest, AnEngineMayBeLeftAtAnyTime) {
  for (const std::uint32_t threads : {2U, 5U}) {
    EngineOptions options = steady();
    options.threads = threads;
    { const Engine unused(options, base::Random(1)); }
    {
      Engine engine(options, base::Random(1));
      engine.add_pod(1, 0);
      engine.advance_to(10'500 * kMillisecond);
      Engine moved = std::move(engine);
      moved.advance_to(20 * kSecond);
      EXPECT_EQ(moved.now(), 20 * kSecond);
    }
  }
}

}  // namespace
}  // namespace sim
