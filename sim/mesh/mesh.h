// The event-driven simulation of a system of services: attempts on their way through balancers, queues, workers, calls
// of other services and back to whoever sent them.
//
// At the same tick departures come first (by pod), then answers that were on their way, callers giving up, retries,
// hedges, timers; the owner runs pod changes after the departures and first attempts after everything. The time-outs
// of an edge are a queue; a pod has its place in the tree of completions. Not thread-safe; owned by a MeshEngine.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "common/base/random.h"
#include "sim/mesh/completion_tree.h"
#include "sim/mesh/edge.h"
#include "sim/mesh/entry_router.h"
#include "sim/mesh/job_pool.h"
#include "sim/mesh/mesh_pod.h"
#include "sim/mesh/sender_events.h"
#include "sim/mesh/service_state.h"
#include "sim/mesh/traffic_feed.h"
#include "sim/mesh/user_group.h"
#include "sim/service/recorder.h"

namespace sim {

class Mesh {
 public:
  Mesh(const SystemOptions& options, const base::Random& stream, Recorder& recorder, Interval measured);

  // First attempts `begin` to `end` of the feed, and everything before each of them. They are of the second of
  // `window`.
  void run(TrafficFeed& feed, std::size_t begin, std::size_t end, Window& window);
  // Everything until `last` inclusive, without another first attempt.
  void settle(TrafficFeed& feed, Ticks last);
  // No first attempt follows, ever: serves what there is, and turns away what nobody can serve.
  void drain(TrafficFeed& feed);

  // What leaves a pod at `at`, ahead of a change of pods at that time. REQUIRES, as for all changes of pods: everything
  // before `at` is settled.
  void depart_before_change(TrafficFeed& feed, Ticks at);
  // Pods are numbered 0, 1, 2, ... in the order of adding.
  void add_pod(Ticks at, const PodTraits& traits);
  void remove_pod(std::uint32_t slot, Ticks at);
  void kill_pod(std::uint32_t slot, Ticks at);
  void change_pod(std::uint32_t slot, Ticks at, const PodTraits& traits);
  std::optional<Ticks> probe(std::uint32_t slot, Ticks at) const;

  void start_measuring(Ticks at);
  void stop_measuring(Ticks at);

  const MeshPod& pod(std::uint32_t slot) const { return pods_[slot]; }
  std::vector<ServiceState>& services() { return services_; }
  const std::vector<ServiceState>& services() const { return services_; }
  WideCount held_time() const { return held_time_; }
  // Pods that ran out of memory, in order, and when. The caller takes them.
  std::vector<std::pair<std::uint32_t, Ticks>>& deaths() { return deaths_; }
  std::size_t in_flight() const { return jobs_.in_use(); }

 private:
  struct Request;  // of a client

  // mesh.cc: what comes next
  void run_events(Ticks last);
  void step_clients(Ticks now);
  void depart(Ticks now);
  void complete_next();
  void send_calls(Ticks now);
  void fire(const SenderEvents::Due& due);

  // mesh_clients.cc: the senders' side
  void send_first(const Request& request);
  void answer_at_edge(const Request& request);
  void send(JobIndex j, Ticks now);
  void come_back(JobIndex j, Ticks now);
  void succeed(JobIndex j, Ticks now);
  void fail(JobIndex j, Ticks now);
  bool send_again(JobIndex j, Ticks now);
  void record_answer(const Job& job, Ticks answered);
  void end_request(JobIndex j, Ticks now);
  void tell_viewer(const ViewerMarks::Mark& mark, Ticks first, Outcome outcome, Ticks now);
  void leave(JobIndex j, Ticks now);
  void give_up(JobIndex j, Ticks now);
  void lose_patience(JobIndex j, Ticks now);
  void hedge(JobIndex j, Ticks now);
  void report_slow(MarkIndex i, Ticks now);
  JobIndex copy_request(JobIndex j);
  void discard(JobIndex j);
  void abandon(JobIndex j, bool cancels, Ticks now);

  // mesh_users.cc
  void user_is_free(std::uint32_t group, std::uint32_t user, Ticks sent, Ticks now);
  void user_sends(std::uint32_t group, std::uint32_t user, Ticks now);
  void adjust_users(std::uint32_t group, Ticks now);

  // mesh_service.cc: in front of the pods and in them
  void receive(JobIndex j, Ticks now);
  void receive_central(ServiceState& service, JobIndex j, Ticks now);
  void dispatch(ServiceState& service, JobIndex j, Ticks now);
  void admit(ServiceState& service, std::uint32_t slot, JobIndex j, Ticks now);
  void serve(ServiceState& service, std::uint32_t slot, JobIndex j, Ticks now);
  void start_central(ServiceState& service, JobIndex j, Ticks now);
  void start_next(ServiceState& service, std::uint32_t slot, Ticks now);
  void start_waiting(ServiceState& service, Ticks now);
  void wait_with_patience(JobIndex j, Ticks now);
  void release(JobIndex j, Ticks now);
  void take_out(JobIndex j, Ticks now);
  void conclude(JobIndex j, Outcome outcome, Ticks now);
  void count(const Job& job, Outcome outcome, Ticks now);
  void send_back(JobIndex j, Outcome outcome, Ticks now);
  void check_memory(const ServiceState& service, std::uint32_t slot, Ticks now);
  void count_held(const Job& job, Ticks now);
  bool time_is_over(const Job& job, Ticks now) const { return edges_[job.edge].timeout <= now - job.at; }

  // mesh_calls.cc
  void work_done(JobIndex j, Ticks now);
  void leave_pod(JobIndex j, Outcome outcome, Ticks now);
  void go_on(JobIndex j, Ticks now);
  std::uint32_t make_calls(JobIndex j, const Edge& edge, std::uint16_t number, Ticks now);
  void child_over(JobIndex parent, Ticks now);
  void unlink_child(JobIndex j);
  void link_child(JobIndex parent, JobIndex j);
  void abandon_calls(JobIndex j, Ticks now);

  // mesh_pods.cc
  void list(std::uint32_t slot, Ticks now);
  void unlist(std::uint32_t slot);
  void kill(std::uint32_t slot, Ticks now);
  void judge(std::uint32_t slot, bool good, Ticks now);
  void reinstate(std::uint32_t slot, Ticks now);
  void stop_measuring_pod(std::uint32_t slot, Ticks at);
  ServiceState& service_of(const MeshPod& pod) { return services_[pod.traits.service]; }

  void foresee(std::uint32_t slot) { completions_.set(slot, pods_[slot].running.next_done()); }
  Window& window_of(const Job& job) { return recorder_.window(step_of(job.first, kSecond)); }

  Recorder& recorder_;
  const Interval measured_;
  const Ticks slo_;
  const Ticks end_;  // of the arrivals
  const SystemClient client_;
  const std::optional<EdgeCache> edge_cache_;
  const std::uint64_t hash_key_;
  std::vector<OpenSource> sources_;
  std::vector<Edge> edges_;  // the clients' first
  std::vector<EntryRouter> entries_;
  std::vector<std::vector<std::uint16_t>> route_delays_;  // by entry and route
  std::vector<ServiceState> services_;
  std::vector<UserGroup> users_;
  std::deque<ViewerSource>* viewers_ = nullptr;  // of the feed, while it runs
  std::optional<QuantileTable> patience_;

  JobPool jobs_;
  ViewerMarks marks_;
  std::vector<MeshPod> pods_;
  CompletionTree completions_;
  SenderEvents due_;
  std::vector<JobRef> calls_;    // to be sent now
  std::vector<JobRef> leaving_;  // whose time is over now
  Ticks left_at_ = -kNever;      // up to where leaving_ was worked off
  std::vector<std::pair<std::uint32_t, Ticks>> deaths_;
  WideCount held_time_ = 0;
};

}  // namespace sim
