// The senders' side of an attempt: sending, time-outs, retries, hedges, and what the answer means to whom.
#include "sim/mesh/mesh.h"
#include "sim/mesh/mesh_request.h"

namespace sim {
namespace {

constexpr std::uint32_t kHedgeTries = 1U << 31;  // what a hedge draws is not what the attempt that it hedges draws
constexpr std::uint64_t kRouteSalt = 0x5851f42d4c957f2dULL;
constexpr std::uint64_t kEdgeSalt = 0x14057b7ef767814fULL;

double uniform(std::uint64_t bits) { return static_cast<double>(bits >> 32) * 0x1p-32; }

}  // namespace

void Mesh::send_first(const Request& request) {
  edges_[kClientEdge].rules.count_first_attempt();
  if (edge_cache_ && uniform(mix64(request.id ^ hash_key_ ^ kEdgeSalt)) < edge_cache_->hit_ratio) {
    return answer_at_edge(request);
  }
  const JobIndex j = jobs_.allocate();
  Job& job = jobs_[j];
  job.id = request.id;
  job.first = request.at;
  job.demand = request.demand;
  job.entry = request.entry;
  job.origin = request.origin;
  job.source = request.source;
  job.caller = request.caller;
  if (request.origin == Origin::kViewer) {
    if (const auto& reaction = (*viewers_)[request.source].options().reaction) {
      const MarkIndex mark = marks_.allocate(request.source, request.kind, request.caller);
      job.mark = mark;
      const JobRef ref{mark, marks_[mark].generation};
      due_.slow_answers.push(due_.slow_answers.line_of(reaction->slower_than), request.at, ref);
      due_.expect(due_.slow_answers.next());
    }
  }
  send(j, request.at);
}

void Mesh::answer_at_edge(const Request& request) {
  Window& window = recorder_.window(step_of(request.at, kSecond));
  window.succeed(edge_cache_->latency, 0, slo_);
  recorder_.resolve(window);
  if (request.origin == Origin::kUser) {
    due_.set_timer({request.at + edge_cache_->latency, Timer::kEdgeAnswer, request.caller, request.source});
  } else if (request.origin == Origin::kViewer) {
    const ViewerMarks::Mark mark{.viewer = request.caller, .source = request.source, .kind = request.kind};
    tell_viewer(mark, request.at, Outcome::kAnswered, request.at + edge_cache_->latency);
  }
}

void Mesh::send(JobIndex j, Ticks now) {
  Job& job = jobs_[j];
  Edge& edge = edges_[job.edge];
  job.at = now;
  job.measured = now >= measured_.begin;
  std::uint64_t bits = 0;
  if (job.edge == kClientEdge) {
    EntryRouter& router = entries_[job.entry];
    std::size_t route = 0;
    if (router.routes() > 1) {
      bits = edge.rules.draw(job.id, job.hedge ? job.tries | kHedgeTries : job.tries);
      route = router.pick(services_, static_cast<std::uint32_t>(mix64(bits ^ kRouteSalt) >> 32), now);
    }
    job.service = static_cast<std::uint16_t>(router.route(route).service);
    job.delay = route_delays_[job.entry][route];
    if (job.service != router.route(0).service) job.demand = 0;
  }
  if (job.demand == 0) {
    bits = edge.rules.draw(job.id, job.hedge ? job.tries | kHedgeTries : job.tries);
    job.demand =
        std::max<Ticks>(1, static_cast<Ticks>(services_[job.service].demand(static_cast<std::uint32_t>(bits))));
  }
  if (edge.timeout < kNever) {
    due_.deadlines.push(edge.deadlines, now, jobs_.ref(j), jobs_);
    due_.expect(due_.deadlines.next());
  }
  if (client_.hedging && job.edge == kClientEdge && !job.hedge) {
    due_.hedges.push(0, now, jobs_.ref(j));
    due_.expect(due_.hedges.next());
  }
  receive(j, now);
}

// The outcome is known to the sender.
void Mesh::come_back(JobIndex j, Ticks now) { jobs_[j].outcome == Outcome::kAnswered ? succeed(j, now) : fail(j, now); }

void Mesh::succeed(JobIndex j, Ticks now) {
  if (const JobIndex twin = jobs_[j].twin; twin != kNoJob) {
    jobs_[twin].twin = kNoJob;
    jobs_[j].twin = kNoJob;
    abandon(twin, client_.hedging->cancel_loser, now);
  }
  const Job& job = jobs_[j];
  if (job.edge == kClientEdge) {
    record_answer(job, now);
    return end_request(j, now);
  }
  const JobIndex parent = job.caller;
  unlink_child(j);
  discard(j);
  child_over(parent, now);
}

void Mesh::record_answer(const Job& job, Ticks answered) {
  Window& window = window_of(job);
  window.succeed(answered - job.first, job.start - job.first, slo_);
  recorder_.resolve(window);
}

// By the outcome that the attempt has.
void Mesh::fail(JobIndex j, Ticks now) {
  Job& job = jobs_[j];
  if (job.twin != kNoJob) {  // which may still be answered
    jobs_[job.twin].twin = kNoJob;
    job.twin = kNoJob;
    return discard(j);
  }
  if (send_again(j, now)) return;
  if (job.edge == kClientEdge) {
    Window& window = window_of(job);
    ++(job.outcome == Outcome::kTimedOut ? window.timed_out : window.rejected);
    recorder_.resolve(window);
    return end_request(j, now);
  }
  const JobIndex parent = job.caller;
  if (!edges_[job.edge].call.optional_answer) jobs_[parent].call_failed = true;
  unlink_child(j);
  discard(j);
  child_over(parent, now);
}

bool Mesh::send_again(JobIndex j, Ticks now) {
  const std::optional<Ticks> backoff = edges_[jobs_[j].edge].rules.backoff(jobs_[j].id, jobs_[j].tries);
  if (!backoff) return false;
  if (jobs_[j].edge == kClientEdge) ++window_of(jobs_[j]).retried;
  const JobIndex again = copy_request(j);
  if (jobs_[j].origin == Origin::kCall) {
    link_child(jobs_[j].caller, again);
    unlink_child(j);
  }
  discard(j);
  Job& job = jobs_[again];
  ++job.tries;
  due_.retries.push({now + *backoff, job.first, job.tries, jobs_.ref(again), job.id});
  due_.expect(now + *backoff);
  return true;
}

// The request is over, as far as its client is concerned. REQUIRES: its outcome is recorded.
void Mesh::end_request(JobIndex j, Ticks now) {
  if (jobs_[j].origin == Origin::kOpen) return discard(j);
  const Job job = jobs_[j];
  discard(j);
  if (job.origin == Origin::kUser) user_is_free(job.source, job.caller, job.first, now);
  if (job.mark == kNoMark) return;
  const ViewerMarks::Mark mark = marks_[job.mark];
  marks_.free(job.mark);
  if (!mark.reported) tell_viewer(mark, job.first, job.outcome, now);
}

// What became of a request that was sent at `first`.
void Mesh::tell_viewer(const ViewerMarks::Mark& mark, Ticks first, Outcome outcome, Ticks now) {
  ViewerSource& viewers = (*viewers_)[mark.source];
  const auto& reaction = viewers.options().reaction;
  if (!reaction) return;
  const Ticks patience_ends = first + reaction->slower_than;
  if (now > patience_ends || outcome != Outcome::kAnswered) {
    viewers.answered_badly(std::min(now, patience_ends), mark.kind, mark.viewer);
  } else {
    viewers.answered_well(mark.viewer);
  }
}

void Mesh::report_slow(MarkIndex i, Ticks now) {
  ViewerMarks::Mark& mark = marks_[i];
  mark.reported = true;
  (*viewers_)[mark.source].answered_badly(now, mark.kind, mark.viewer);
}

// The attempt's time is over: if it still waits, or is dropped for that, it leaves now.
void Mesh::leave(JobIndex j, Ticks now) {
  const Job& job = jobs_[j];
  if (!job.waits() && !(job.in_service() && edges_[job.edge].cancels)) return;
  const std::uint32_t slot = job.pod;
  count(job, Outcome::kTimedOut, now);
  take_out(j, now);
  if (slot != kNoPod) judge(slot, false, now);
}

// And its sender learns it.
void Mesh::give_up(JobIndex j, Ticks now) {
  Job& job = jobs_[j];
  if (job.in_service()) {
    count(job, Outcome::kTimedOut, now);
    judge(job.pod, false, now);
  }
  job.outcome = Outcome::kTimedOut;
  fail(j, now);
}

void Mesh::lose_patience(JobIndex j, Ticks now) {
  Job& job = jobs_[j];
  if (!job.waits()) return;
  count(job, Outcome::kTimedOut, now);
  take_out(j, now);
  job.outcome = Outcome::kTimedOut;
  if (job.twin != kNoJob) return fail(j, now);
  Window& window = window_of(job);
  ++window.timed_out;
  recorder_.resolve(window);
  end_request(j, now);
}

void Mesh::hedge(JobIndex j, Ticks now) {
  const JobIndex twin = copy_request(j);
  jobs_[twin].hedge = true;
  jobs_[twin].twin = j;
  jobs_[j].twin = twin;
  send(twin, now);
}

// A new attempt of the same request.
JobIndex Mesh::copy_request(JobIndex j) {
  const JobIndex copy = jobs_.allocate();
  const Job& from = jobs_[j];
  Job& to = jobs_[copy];
  to.id = from.id;
  to.first = from.first;
  to.caller = from.caller;
  to.tries = from.tries;
  to.edge = from.edge;
  to.entry = from.entry;
  to.service = from.service;
  to.delay = from.delay;
  to.source = from.source;
  to.origin = from.origin;
  to.mark = from.mark;
  return copy;
}

// Nobody waits for the attempt any more; in service it is served to the end for nothing.
void Mesh::discard(JobIndex j) {
  if (!jobs_[j].in_service()) return jobs_.free(j);
  jobs_[j].origin = Origin::kNobody;
  jobs_.renew(j);
}

// As discard(), of an attempt whose sender goes away or has another answer.
void Mesh::abandon(JobIndex j, bool cancels, Ticks now) {
  const Job& job = jobs_[j];
  if (job.waits() || job.in_service()) count(job, Outcome::kTimedOut, now);
  if (job.waits() || (job.in_service() && cancels)) take_out(j, now);
  discard(j);
}

}  // namespace sim
