#include "sim/mesh/mesh.h"

#include <algorithm>

#include "common/base/check.h"
#include "sim/mesh/mesh_request.h"

namespace sim {

Mesh::Mesh(const SystemOptions& options, const base::Random& stream, Recorder& recorder, Interval measured)
    : recorder_(recorder),
      measured_(measured),
      slo_(options.slo.latency),
      end_(options.start + options.duration),
      client_(options.client),
      edge_cache_(options.edge),
      hash_key_(stream.fork("hash").key()),
      sources_(options.sources) {
  CHECK(!options.services.empty() && options.services.size() < 60'000, "a system has services");
  const base::Random retries = stream.fork("retries");
  const base::Random balancers = stream.fork("balancer");
  due_.returns.line_of(0);
  edges_.emplace_back(options.client.attempts, retries.key());
  services_.reserve(options.services.size());
  for (const ServiceOptions& service : options.services) {
    const std::size_t i = services_.size();
    services_.emplace_back(service, i == 0 ? balancers : balancers.fork(i));
    services_.back().delay = due_.returns.line_of(service.overhead);
  }
  for (ServiceState& service : services_) {
    for (const Call& call : service.options.calls) {
      CHECK(call.to < services_.size(), "a call leads to a service");
      CHECK(edges_.size() < 60'000, "calls can be numbered");
      service.calls.push_back(static_cast<std::uint16_t>(edges_.size()));
      edges_.emplace_back(call.attempts, retries.fork(edges_.size()).key());
      edges_.back().call = call;
    }
  }
  for (Edge& edge : edges_) {
    CHECK(edge.timeout > 0, "a time-out is positive");
    if (edge.timeout < kNever) edge.deadlines = due_.deadlines.line_of(edge.timeout);
  }
  for (const Entry& entry : options.entries) {
    entries_.emplace_back(entry);
    std::vector<std::uint16_t>& delays = route_delays_.emplace_back();
    for (const Route& route : entry.routes) {
      CHECK(route.service < services_.size() && route.round_trip >= 0, "a route leads to a service");
      delays.push_back(due_.returns.line_of(route.round_trip + services_[route.service].options.overhead));
    }
  }
  for (const ServiceOutage& outage : options.outages) services_[outage.service].outages.push_back(outage);
  if (client_.hedging) {
    CHECK(client_.hedging->after > 0, "a hedge comes later than what it hedges");
    due_.hedges.line_of(client_.hedging->after);
  }
  if (client_.patience) {
    CHECK(client_.patience->mean > 0, "patience is positive");
    patience_ = quantiles_of(client_.patience->distribution, client_.patience->mean, client_.patience->cv);
  }
  CHECK(options.users.size() < 256 && options.viewers.size() < 256, "groups of clients can be numbered");
  for (const UserOptions& users : options.users) {
    due_.set_timer({options.start, Timer::kUserAdjust, static_cast<std::uint32_t>(users_.size()), 0});
    users_.emplace_back(users, stream.fork("users").fork(users.name));
  }
  for (const ViewerOptions& viewers : options.viewers) {
    due_.slow_answers.line_of(viewers.reaction ? viewers.reaction->slower_than : kNever);
  }
}

void Mesh::run(TrafficFeed& feed, std::size_t begin, std::size_t end, Window& window) {
  viewers_ = &feed.viewers();
  const std::size_t open = feed.open_sources();
  for (std::size_t i = begin; i < end; ++i) {
    const Ticks now = feed.at(i);
    run_events(now);
    ++window.arrivals;
    ++window.pending;
    const TrafficFeed::Sender sender = feed.sender(i);
    Request request{.at = now, .id = static_cast<std::uint64_t>(now), .demand = feed.demand(i)};
    if (sender.source < open) {
      request.entry = static_cast<std::uint16_t>(sources_[sender.source].entry);
    } else {
      request.origin = Origin::kViewer;
      request.source = static_cast<std::uint8_t>(sender.source - open);
      request.kind = sender.kind;
      request.caller = sender.viewer;
      request.entry = static_cast<std::uint16_t>((*viewers_)[request.source].entry_of(sender.kind));
      // Its demand is a hash of it, and viewers of a wave may call at the same tick.
      if (request.demand == 0) request.id = mix64(request.id ^ mix64(hash_key_ + sender.viewer));
    }
    send_first(request);
    send_calls(now);
  }
}

void Mesh::settle(TrafficFeed& feed, Ticks last) {
  viewers_ = &feed.viewers();
  run_events(last);
}

void Mesh::depart_before_change(TrafficFeed& feed, Ticks at) {
  viewers_ = &feed.viewers();
  if (completions_.top_time() == at || due_.deadlines.next() == at) depart(at);
}

void Mesh::drain(TrafficFeed& feed) {
  settle(feed, kNever - 1);
  // Nobody is left to serve what still waits.
  for (ServiceState& service : services_) {
    for (JobList* list : {&service.waiting, &service.buffered}) {
      while (list->size > 0) {
        const JobIndex j = list->head;
        take_out(j, end_);
        conclude(j, Outcome::kRejected, end_);
        settle(feed, kNever - 1);
      }
    }
  }
  CHECK(jobs_.in_use() == 0, "nothing is in flight at the end");
}

void Mesh::run_events(Ticks last) {
  for (;;) {
    const Ticks done = completions_.top_time();
    const Ticks other = due_.next();
    if (std::min(done, other) > last) return;
    if (done < other) {
      complete_next();
    } else if (done == other) {
      depart(done);
    } else {
      step_clients(other);
      due_.find_next();
    }
    if (!calls_.empty()) send_calls(std::min(done, other));
  }
}

// What the callers do next, if it is at `now`. REQUIRES: no completion is, and nothing is before.
void Mesh::step_clients(Ticks now) {
  if (due_.deadlines.next() == now && !jobs_.is(due_.deadlines.front().job)) return due_.deadlines.pop();
  if (due_.deadlines.next() == now && left_at_ < now) return depart(now);
  if (due_.returns.next() == now) {
    const JobRef job = due_.returns.front().job;
    due_.returns.pop();
    if (jobs_.is(job)) come_back(job.job, now);
  } else if (due_.deadlines.next() == now) {
    const JobRef job = due_.deadlines.front().job;
    due_.deadlines.pop();
    if (jobs_.is(job)) give_up(job.job, now);
  } else if (!due_.retries.empty() && due_.retries.top().at == now) {
    const JobRef job = due_.retries.top().job;
    due_.retries.pop();
    if (jobs_.is(job)) send(job.job, now);
  } else if (due_.hedges.next() == now) {
    const JobRef job = due_.hedges.front().job;
    due_.hedges.pop();
    if (jobs_.is(job)) hedge(job.job, now);
  } else if (due_.slow_answers.next() == now) {
    const JobRef mark = due_.slow_answers.front().job;
    due_.slow_answers.pop();
    if (marks_.is(mark.job, mark.generation)) report_slow(mark.job, now);
  } else if (!due_.timers.empty() && due_.timers.top().at == now) {
    const SenderEvents::Due due = due_.timers.top();
    due_.timers.pop();
    fire(due);
  }
}

// All departures at `now`, by pod: completions, and callers whose time is over.
void Mesh::depart(Ticks now) {
  leaving_.clear();
  if (due_.deadlines.next() == now) {
    left_at_ = now;
    due_.deadlines.for_each_due([this](JobRef job) {
      if (jobs_.is(job)) leaving_.push_back(job);
    });
    std::stable_sort(leaving_.begin(), leaving_.end(),
                     [this](JobRef a, JobRef b) { return jobs_[a.job].pod < jobs_[b.job].pod; });
  }
  for (std::size_t i = 0;;) {
    const bool done = completions_.top_time() == now;
    if (i < leaving_.size() && (!done || jobs_[leaving_[i].job].pod < completions_.top_pod())) {
      const JobRef job = leaving_[i++];
      if (jobs_.is(job)) leave(job.job, now);
    } else if (done) {
      complete_next();
    } else {
      return;
    }
    if (!calls_.empty()) send_calls(now);
  }
}

// Ends what is done next in some pod.
void Mesh::complete_next() {
  const Ticks now = completions_.top_time();
  const std::uint32_t slot = completions_.top_pod();
  MeshPod& pod = pods_[slot];
  const JobIndex j = pod.running.finish_next(service_of(pod).speed);
  work_done(j, now);
  foresee(slot);
}

// Calls of services are sent when what caused them is worked off, so nothing is entered twice.
void Mesh::send_calls(Ticks now) {
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const JobRef job = calls_[i];
    if (jobs_.is(job)) send(job.job, now);
  }
  calls_.clear();
}

void Mesh::fire(const SenderEvents::Due& due) {
  const bool valid =
      due.what == Timer::kReinstate || due.what >= Timer::kEdgeAnswer || jobs_.is({due.index, due.second});
  if (!valid) return;
  switch (due.what) {
    case Timer::kReinstate: return reinstate(due.index, due.at);
    case Timer::kPatience: return lose_patience(due.index, due.at);
    case Timer::kProxyTimeout:
      if (jobs_[due.index].state != JobState::kBuffered) return;
      take_out(due.index, due.at);
      return conclude(due.index, Outcome::kRejected, due.at);
    case Timer::kEdgeAnswer: return user_is_free(due.second, due.index, due.at - edge_cache_->latency, due.at);
    case Timer::kUserAdjust: return adjust_users(due.index, due.at);
    case Timer::kUserSend: return user_sends(due.second, due.index, due.at);
  }
}

}  // namespace sim
