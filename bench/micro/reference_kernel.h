// Bare loops of the designs that the engine is measured against: the same load and the same decisions, nothing that a
// program needs around them. No queue limit, one histogram, no seconds, no control, one kind of everything.
#pragma once

#include <cstdint>

namespace bench {

struct KernelLoad {
  std::uint32_t pods = 430;
  std::uint32_t requests = 10'000'000;
  double rate = 60'000;  // per second
};

struct KernelResult {
  std::uint64_t requests = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t checksum = 0;  // of the histogram
};

// Eight workers a pod, first come, first served: the start of a request is known when it arrives.
KernelResult lindley_round_robin(const KernelLoad& load);
KernelResult lindley_two_choices(const KernelLoad& load);
// Departures in a std::priority_queue, pods in a list for each number of requests.
KernelResult least_outstanding(const KernelLoad& load);
// Eight cores a pod, processor sharing in virtual time, a std::priority_queue a pod.
KernelResult sharing_round_robin(const KernelLoad& load);
// A textbook's event loop: std::function events in a std::priority_queue, std::deque queues, std:: distributions' cost
// left out.
KernelResult textbook_round_robin(const KernelLoad& load);

}  // namespace bench
