// The attempts in flight: one Job each, in a pool whose size is what was ever in flight at a time.
//
// A place that is used again has another generation, so whoever remembers (place, generation) can tell. References do
// not outlive the next allocation. Not thread-safe; owned by a Mesh.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sim/mesh/viewer_marks.h"
#include "sim/service/slots.h"
#include "sim/traffic/ticks.h"

namespace sim {

using JobIndex = std::uint32_t;
inline constexpr JobIndex kNoJob = std::numeric_limits<JobIndex>::max();

enum class JobState : std::uint8_t {
  kFree,
  kUnsent,     // made, or waiting for its back-off to pass
  kBuffered,   // in a front proxy
  kCentral,    // in a central queue
  kQueued,     // in a pod, without a worker
  kRunning,    // in a pod, being served
  kCalling,    // in a pod, its worker waits for other services
  kReturning,  // out of the service; the caller does not know yet
  kLeft,       // out of the service because the caller's time is over, which the caller learns next
};

// Who waits for the answer.
enum class Origin : std::uint8_t { kOpen, kViewer, kUser, kCall, kNobody };

enum class Outcome : std::uint8_t { kAnswered, kRejected, kError, kTimedOut };

struct Job {
  std::uint64_t id = 0;  // of the request; what is drawn for it is a hash of this
  Ticks first = 0;       // when the request was sent for the first time
  Ticks at = 0;          // when this attempt was
  Ticks start = 0;       // of its service
  Ticks demand = 0;      // of service; kCalling: when its calls began
  std::uint32_t generation = 0;
  std::uint32_t caller = kNoJob;  // kCall: the calling job; kUser, kViewer: which
  std::uint32_t pod = kNoPod;
  JobIndex before = kNoJob;  // in the queue that it waits in
  JobIndex after = kNoJob;   // or in the list of free places
  JobIndex older = kNoJob;   // calls of the same caller
  JobIndex younger = kNoJob;
  JobIndex child = kNoJob;    // youngest of its own calls
  std::uint32_t pending = 0;  // its own calls that are not over
  JobIndex twin = kNoJob;     // the other attempt of a hedged request
  std::uint32_t tries = 0;    // sendings before this one
  MarkIndex mark = kNoMark;   // kViewer, if the viewer minds slow answers
  std::uint16_t edge = 0;
  std::uint16_t entry = 0;
  std::uint16_t service = 0;
  std::uint16_t call = 0;   // the next of its service's calls
  std::uint16_t delay = 0;  // line of the way back
  std::uint8_t source = 0;  // kUser, kViewer: which of them
  JobState state = JobState::kFree;
  Origin origin = Origin::kOpen;
  Outcome outcome = Outcome::kAnswered;
  bool hedge : 1 = false;        // the second attempt of the two
  bool measured : 1 = false;     // sent after the warm-up
  bool call_failed : 1 = false;  // one of its calls did, and it cannot do without

  bool waits() const {
    return state == JobState::kQueued || state == JobState::kCentral || state == JobState::kBuffered;
  }
  bool in_service() const { return state == JobState::kRunning || state == JobState::kCalling; }
};

// What remembers an attempt, or a mark, that may be over by the time it is looked for.
struct JobRef {
  JobIndex job = kNoJob;
  std::uint32_t generation = 0;
};

class JobPool {
 public:
  JobIndex allocate() {
    ++in_use_;
    if (free_ == kNoJob) {
      jobs_.emplace_back();
      jobs_.back().state = JobState::kUnsent;
      return static_cast<JobIndex>(jobs_.size() - 1);
    }
    const JobIndex j = free_;
    Job& job = jobs_[j];
    free_ = job.after;
    const std::uint32_t generation = job.generation;
    job = Job{};
    job.generation = generation;
    job.state = JobState::kUnsent;
    return j;
  }
  void free(JobIndex j) {
    Job& job = jobs_[j];
    ++job.generation;
    job.state = JobState::kFree;
    job.after = free_;
    free_ = j;
    --in_use_;
  }

  // The attempt goes on, but what remembered it until now shall not find it.
  void renew(JobIndex j) { ++jobs_[j].generation; }

  Job& operator[](JobIndex j) { return jobs_[j]; }
  const Job& operator[](JobIndex j) const { return jobs_[j]; }
  JobRef ref(JobIndex j) const { return {j, jobs_[j].generation}; }
  bool is(JobRef r) const { return jobs_[r.job].generation == r.generation; }
  const std::vector<Job>& places() const { return jobs_; }
  std::size_t in_use() const { return in_use_; }

 private:
  std::vector<Job> jobs_;
  JobIndex free_ = kNoJob;
  std::size_t in_use_ = 0;
};

// Jobs in order of arrival, linked through `before` and `after`.
struct JobList {
  JobIndex head = kNoJob;
  JobIndex tail = kNoJob;
  std::uint32_t size = 0;

  void push_back(JobPool& jobs, JobIndex j) {
    jobs[j].before = tail;
    jobs[j].after = kNoJob;
    (tail == kNoJob ? head : jobs[tail].after) = j;
    tail = j;
    ++size;
  }
  void erase(JobPool& jobs, JobIndex j) {
    const Job& job = jobs[j];
    (job.before == kNoJob ? head : jobs[job.before].after) = job.after;
    (job.after == kNoJob ? tail : jobs[job.after].before) = job.before;
    --size;
  }
};

}  // namespace sim
