// What a service does after its own work: the calls of others, one after the other, each of one or more at a time.
#include <cmath>

#include "sim/mesh/mesh.h"

namespace sim {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;
constexpr std::uint64_t kHitSalt = 0x2545f4914f6cdd1dULL;
constexpr std::uint64_t kErrorSalt = 0xd6e8feb86659fd93ULL;

double uniform(std::uint64_t bits) { return static_cast<double>(bits >> 32) * 0x1p-32; }

// Of the attempt, not only of its request.
std::uint64_t identity(const Job& job) {
  return mix64(job.id + kStep * (2 * std::uint64_t{job.tries} + static_cast<std::uint64_t>(job.hedge)));
}

// A cache in each pod of the caller fills as the pod gets older.
double hit_ratio(const Call& call, Ticks age) {
  if (call.hit_ratio <= 0.0 || call.cache_fill <= 0) return call.hit_ratio;
  return call.hit_ratio * -std::expm1(-static_cast<double>(age) / static_cast<double>(call.cache_fill));
}

}  // namespace

void Mesh::work_done(JobIndex j, Ticks now) {
  Job& job = jobs_[j];
  MeshPod& pod = pods_[job.pod];
  const double error_ratio = pod.traits.error_ratio;
  if (error_ratio > 0.0 && uniform(mix64(identity(job) ^ hash_key_ ^ kErrorSalt)) < error_ratio) {
    return leave_pod(j, Outcome::kError, now);
  }
  if (services_[job.service].calls.empty()) return leave_pod(j, Outcome::kAnswered, now);
  job.state = JobState::kCalling;
  job.demand = now;
  ++pod.calling;
  pod.calling_since += static_cast<std::uint64_t>(now);
  go_on(j, now);
}

void Mesh::leave_pod(JobIndex j, Outcome outcome, Ticks now) {
  const std::uint32_t slot = jobs_[j].pod;
  release(j, now);
  if (jobs_[j].origin != Origin::kNobody) judge(slot, outcome == Outcome::kAnswered, now);
  conclude(j, outcome, now);
}

// With the next of its calls, or back to its sender. REQUIRES: none of its calls is under way.
void Mesh::go_on(JobIndex j, Ticks now) {
  const std::vector<std::uint16_t>& calls = services_[jobs_[j].service].calls;
  while (jobs_[j].call < calls.size() && !jobs_[j].call_failed) {
    const std::uint16_t number = calls[jobs_[j].call++];
    if (make_calls(j, edges_[number], number, now) > 0) return;
  }
  Job& job = jobs_[j];
  MeshPod& pod = pods_[job.pod];
  --pod.calling;
  pod.calling_since -= static_cast<std::uint64_t>(job.demand);
  leave_pod(j, job.call_failed ? Outcome::kError : Outcome::kAnswered, now);
}

std::uint32_t Mesh::make_calls(JobIndex j, const Edge& edge, std::uint16_t number, Ticks now) {
  const Call& call = edge.call;
  const std::uint64_t seed = mix64(identity(jobs_[j]) ^ mix64(hash_key_ + number));
  if (call.probability < 1.0 && uniform(seed) >= call.probability) return 0;
  const bool measured = now >= measured_.begin;
  const double hits = hit_ratio(call, now - pods_[jobs_[j].pod].added);
  std::uint32_t made = 0;
  for (std::uint32_t i = 1; i <= call.count; ++i) {
    const std::uint64_t id = mix64(seed + i * kStep);
    if (hits > 0.0 && uniform(mix64(id ^ kHitSalt)) < hits) {
      services_[call.to].counts.cache_hits += static_cast<std::uint64_t>(measured);
      continue;
    }
    const JobIndex child = jobs_.allocate();
    Job& job = jobs_[child];
    job.id = id;
    job.first = now;
    job.caller = j;
    job.edge = number;
    job.service = static_cast<std::uint16_t>(call.to);
    job.delay = services_[call.to].delay;
    job.origin = Origin::kCall;
    link_child(j, child);
    edges_[number].rules.count_first_attempt();
    calls_.push_back(jobs_.ref(child));
    ++made;
  }
  jobs_[j].pending = made;
  return made;
}

void Mesh::child_over(JobIndex parent, Ticks now) {
  if (--jobs_[parent].pending == 0) go_on(parent, now);
}

void Mesh::link_child(JobIndex parent, JobIndex j) {
  Job& job = jobs_[j];
  job.older = jobs_[parent].child;
  job.younger = kNoJob;
  if (job.older != kNoJob) jobs_[job.older].younger = j;
  jobs_[parent].child = j;
}

void Mesh::unlink_child(JobIndex j) {
  const Job& job = jobs_[j];
  (job.younger == kNoJob ? jobs_[job.caller].child : jobs_[job.younger].older) = job.older;
  if (job.older != kNoJob) jobs_[job.older].younger = job.younger;
}

void Mesh::abandon_calls(JobIndex j, Ticks now) {
  while (jobs_[j].child != kNoJob) {
    const JobIndex child = jobs_[j].child;
    unlink_child(child);
    abandon(child, edges_[jobs_[child].edge].cancels, now);
  }
  jobs_[j].pending = 0;
}

}  // namespace sim
