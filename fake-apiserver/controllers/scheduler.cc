#include "fake-apiserver/controllers/scheduler.h"

#include <algorithm>
#include <utility>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "default-scheduler";
// How long the reason in a status may be out of date: the real scheduler tries a pod that waits no more often
// (podMaxBackoffSeconds). With thousands of pods that wait for hundreds of nodes, writing it is what takes the time.
constexpr base::Duration kRetell = std::chrono::seconds(10);

// podInitialBackoffSeconds and podMaxBackoffSeconds.
constexpr base::Duration kFirstBackOff = std::chrono::seconds(1);
constexpr base::Duration kLongestBackOff = std::chrono::seconds(10);
// What nothing has moved is tried again after this long all the same.
constexpr base::Duration kFlush = std::chrono::minutes(5);

bool waits_for_us(const Pod* pod) {
  return pod && pod->node.empty() && pod->active() && text_or(*pod->object, {"spec", "schedulerName"}, kName) == kName;
}

bool is_gated(const Pod& pod) {
  const Json* gates = field_at(*pod.object, {"spec", "schedulingGates"});
  return gates && gates->is_array() && !gates->empty();
}

bool is_ours(const Pod* pod) { return waits_for_us(pod) && !is_gated(*pod); }

base::Duration back_off_after(int attempts) {
  constexpr int kDoublings = 4;  // 16 s are more than the longest
  return std::min(kLongestBackOff, kFirstBackOff * (1 << std::min(attempts - 1, kDoublings)));
}

bool never_preempts(const Json& pod) { return text_at(pod, {"spec", "preemptionPolicy"}) == "Never"; }

bool is_placed(const Pod* pod) { return pod && pod->active() && !pod->node.empty(); }

bool same_labels(const Pod& a, const Pod& b) {
  return a.labels && b.labels ? *a.labels == *b.labels : a.labels == b.labels;
}

// Other pods that come to their nodes may be what it waits for.
bool waits_for_others(const std::optional<PlacementRequest>& request) {
  if (!request || !request->constraints) return false;
  const std::vector<SpreadConstraint>& spread = request->constraints->spread;
  return !request->constraints->affinity.empty() ||
         std::any_of(spread.begin(), spread.end(),
                     [](const SpreadConstraint& constraint) { return constraint.required; });
}

}  // namespace

Scheduler::Scheduler(Options options, ObjectStore& store, base::Clock& clock, PodCache& pods, NodeTable& nodes,
                     const PodCounts& counts, EventRecorder& events, base::Metrics& metrics)
    : delay_(options.delay),
      store_(store),
      clock_(clock),
      pods_(pods),
      nodes_(nodes),
      events_(events),
      metrics_(metrics),
      zones_(pods, nodes, options.spread_over_hosts),
      counts_(counts),
      limit_(clock, options.rate),
      timers_(clock),
      background_(clock) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  nodes.on_room([this] { retry(); });
  nodes.on_removal([this](const Node& node) { on_lost_node(node.name); });
}

std::vector<const Pod*> Scheduler::unschedulable() const {
  // Those that are about to be tried again are still without a node.
  std::vector<Queue::const_pointer> refused;
  for (const Queue* queue : {&active_, &waiting_}) {
    for (const auto& entry : *queue) {
      if (entry.second.refused && !nominated_.contains(entry.second.name)) refused.push_back(&entry);
    }
  }
  std::sort(refused.begin(), refused.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  std::vector<const Pod*> pods;
  for (const auto* entry : refused) {
    if (const Pod* pod = pods_.find(entry->second.name)) pods.push_back(pod);
  }
  return pods;
}

void Scheduler::on_pod(const Pod* before, const Pod* after) {
  if (is_placed(before) != is_placed(after)) {
    const bool placed = is_placed(after);
    const std::int64_t priority = placed ? after->priority : before->priority;
    if ((placed_by_priority_[priority] += placed ? 1 : -1) == 0) placed_by_priority_.erase(priority);
    if (placed && !waiting_for_others_.empty()) retry_those_waiting_for_others(clock_.now());
  } else if (is_placed(after) && !waiting_.empty() && !same_labels(*before, *after)) {
    retry();  // others may want it near them, or mind it no more
  }
  if (!before && waits_for_us(after) && is_gated(*after)) {
    timers_.call_after(base::Duration::zero(), [this, name = after->name] { tell_gated(name); });
  }
  const bool had = is_ours(before);
  const bool has = is_ours(after);
  if (had && has && (before->generation != after->generation || !same_labels(*before, *after))) look_again_at(*after);
  if (had == has) return;
  const Pod& pod = has ? *after : *before;
  const QueueKey key{pod.priority, pod.ordinal};
  if (has) {
    active_[key] = Entry{.name = pod.name};
    wake(delay_);
  } else {
    for (Queue* queue : {&active_, &round_, &waiting_}) queue->erase(key);
    if (forget_nomination(pod.name)) retry();  // what was kept for it is free, or taken
  }
}

// Something has changed for the better: all that wait are tried again, once their back-off is over.
void Scheduler::retry() {
  const base::Time now = clock_.now();
  std::optional<base::Time> first;
  bool any = false;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const base::Time allowed = at->second.not_before;
    // A pod that others give way to takes its place as soon as there is room.
    if (allowed <= now || nominated_.contains(at->second.name)) {
      active_.insert(waiting_.extract(at++));
      any = true;
      continue;
    }
    first = first ? std::min(*first, allowed) : allowed;
    ++at;
  }
  if (any) wake(delay_);
  if (first) wake_after_back_off(*first);
}

// After all that happens at this moment, if that is `at`: a round binds many. Their back-off goes on.
void Scheduler::retry_those_waiting_for_others(base::Time at) {
  if (others_due_ && *others_due_ <= at) return;
  others_due_ = at;
  timers_.call_at(at, [this, at] {
    if (others_due_ != at) return;  // an earlier one was set since, which asks again
    others_due_.reset();
    std::optional<base::Time> next;
    const std::size_t active = active_.size();
    std::erase_if(waiting_for_others_, [&](const QueueKey& key) {
      const auto waits = waiting_.find(key);
      if (waits == waiting_.end()) return true;
      const base::Time allowed = waits->second.not_before;
      if (allowed > at) {
        next = next ? std::min(*next, allowed) : allowed;
        return false;
      }
      active_.insert(waiting_.extract(waits));
      return true;
    });
    if (active_.size() > active) wake(delay_);
    if (next) retry_those_waiting_for_others(*next);
  });
}

// Those that it was being cleared for look for another.
void Scheduler::on_lost_node(const std::string& node) {
  if (reserved_.contains(node)) retry();
}

void Scheduler::wake_after_back_off(base::Time at) {
  if (back_off_ends_ && *back_off_ends_ <= at) return;
  back_off_ends_ = at;
  timers_.call_at(at, [this, at] {
    if (back_off_ends_ != at) return;  // an earlier one was set since, which asks again
    back_off_ends_.reset();
    retry();
  });
}

void Scheduler::flush() {
  next_flush_.reset();
  if (waiting_.empty()) return;
  retry();
  next_flush_ = clock_.now() + kFlush;
  flushes_.call_at(*next_flush_, [this] { flush(); });
}

void Scheduler::tell_gated(const ObjectName& name) {
  const Pod* pod = pods_.find(name);
  if (!waits_for_us(pod) || !is_gated(*pod)) return;
  (void)store_.update(resources::kPods, name, Part::kStatus, [&](Json& object) -> base::Result<> {
    set_condition(object_in(object, "status"),
                  {.type = "PodScheduled",
                   .status = "False",
                   .reason = "SchedulingGated",
                   .message = "Scheduling is blocked due to non-empty scheduling gates"},
                  clock_.now());
    return {};
  });
}

void Scheduler::wake(base::Duration delay) {
  if (awake_) return;
  awake_ = true;
  timers_.call_after(delay, [this] {
    awake_ = false;
    schedule_all();
  });
}

// Its spec or its labels have changed: what it has waited for so far may not matter any more.
void Scheduler::look_again_at(const Pod& pod) {
  const QueueKey key{pod.priority, pod.ordinal};
  for (Queue* queue : {&active_, &round_, &waiting_}) {
    const auto found = queue->find(key);
    if (found != queue->end()) found->second.request.reset();
  }
  if (!waiting_.contains(key)) return;
  active_.insert(waiting_.extract(key));
  wake(delay_);
}

void Scheduler::schedule_all() {
  round_.swap(active_);
  refused_.reset();
  while (!round_.empty()) {
    if (const base::Duration wait = limit_.wait(); wait > base::Duration::zero()) {
      active_.merge(round_);
      round_.clear();
      wake(wait);
      break;
    }
    auto next = round_.extract(round_.begin());
    Entry& entry = next.mapped();
    if (schedule(entry)) continue;
    entry.refused = true;
    entry.not_before = clock_.now() + back_off_after(++entry.attempts);
    if (waits_for_others(entry.request)) waiting_for_others_.insert(next.key());
    waiting_.insert(std::move(next));
  }
  if (!waiting_.empty() && !next_flush_) {
    next_flush_ = clock_.now() + kFlush;
    flushes_.call_at(*next_flush_, [this] { flush(); });
  }
}

// True if the pod needs no more care.
bool Scheduler::schedule(Entry& entry) {
  // Thousands of equal pods may wait for each single node.
  const bool told = entry.refused && clock_.now() < entry.told + kRetell;
  // What was nominated is judged by itself: it may have to be told that its node has gone.
  const bool nominated = nominated_.contains(entry.name);
  if (told && !nominated && entry.request && is_known_refusal(*entry.request)) return false;
  const Pod* pod = pods_.find(entry.name);
  if (!is_ours(pod)) return true;
  if (!entry.request) entry.request.emplace(*pod, &store_);
  const PlacementRequest& request = *entry.request;
  if (nominated || !is_known_refusal(request)) {
    std::string why;
    if (try_to_bind(*pod, request, why)) {
      refused_.reset();
      return true;
    }
    if (may_preempt(*pod)) {
      if (const std::string node = preempt(*pod, request); !node.empty()) {
        refused_.reset();
        refuse(entry, why, node);
        return false;
      }
    }
    // One that waits for its victims says nothing of the others.
    if (nominated && awaits_victims(*pod)) {
      refuse(entry, why);
      return false;
    }
    if (forget_nomination(entry.name)) give_up(entry, why);
    refused_.emplace(request, std::move(why));
  }
  refuse(entry, refused_->second);
  return false;
}

// An equal pod was refused in this round, and did not only lack the leave to drive others out.
bool Scheduler::is_known_refusal(const PlacementRequest& request) const {
  if (!refused_ || !refused_->first.is_like(request, !counts_.anti_affinities().empty())) return false;
  return !never_preempts(*refused_->first.pod) || never_preempts(*request.pod);
}

// The node that was to be cleared for the pod has gone, or others have taken it.
void Scheduler::give_up(Entry& entry, const std::string& why) {
  refuse(entry, why, std::string());
  retry();  // what was kept for it is free
}

bool Scheduler::try_to_bind(const Pod& pod, const PlacementRequest& request, std::string& why) {
  PlacementContext context = context_of(pod);
  context.start = &start_;
  std::optional<PlacementRules> rules;
  if (PlacementRules::concern(request, counts_)) {
    rules.emplace(request, nodes_.all(), pods_, counts_);
    context.rules = &*rules;
    // Its own constraints take the place of those by default.
    if (request.constraints && !request.constraints->spread.empty()) context.zones = context.hosts = nullptr;
  }
  if (const Node* node = choose_node(request, nodes_.in_order(), context)) {
    bind(pod, *node);
    return true;
  }
  why = explain_no_fit(request, nodes_.all(), context.rules);
  return false;
}

PlacementContext Scheduler::context_of(const Pod& pod) const {
  return PlacementContext{.reserved = reserved_.empty() ? nullptr : &reserved_,
                          .zones = zones_.counts_for(pod),
                          .hosts = zones_.hosts_for(pod)};
}

// There is somebody to give way, and this pod's last victims are gone.
bool Scheduler::may_preempt(const Pod& pod) const {
  if (placed_by_priority_.empty() || placed_by_priority_.begin()->first >= pod.priority) return false;
  return !never_preempts(*pod.object) && !awaits_victims(pod);
}

void Scheduler::bind(const Pod& pod, const Node& node) {
  limit_.take();
  const std::string node_name = node.name;
  const auto bound = store_.update(resources::kPods, pod.name, Part::kAll, [&](Json& object) -> base::Result<> {
    object_in(object, "spec")["nodeName"] = node_name;
    set_condition(object_in(object, "status"), {.type = "PodScheduled", .status = "True", .reason = "", .message = ""},
                  clock_.now());
    return {};
  });
  if (!bound) return;
  metrics_.increment("fakeapi_scheduler_bindings_total", "Pods bound to a node.");
  if (!events_.enabled()) return;
  const ObjectName name = name_of(**bound);
  events_.normal(reference_to(**bound, "v1", "Pod"), kName, "Scheduled",
                 "Successfully assigned " + name.ns + "/" + name.name + " to " + node_name);
}

// A preemptor hears which node is being cleared for it, or by an empty name that none is, in the same write.
void Scheduler::refuse(Entry& entry, const std::string& why, const std::optional<std::string>& nominated) {
  if (!nominated && entry.refused && clock_.now() < entry.told + kRetell) return;
  entry.told = clock_.now();
  limit_.take();
  const auto refused = store_.update(resources::kPods, entry.name, Part::kStatus, [&](Json& object) -> base::Result<> {
    Json& status = object_in(object, "status");
    set_condition(status, {.type = "PodScheduled", .status = "False", .reason = "Unschedulable", .message = why},
                  clock_.now());
    if (nominated && nominated->empty()) status.erase("nominatedNodeName");
    if (nominated && !nominated->empty()) status["nominatedNodeName"] = *nominated;
    return {};
  });
  if (!refused || !events_.enabled()) return;
  // The scheduler's first two failures are events of their own, the later ones count on the second.
  events_.warning(reference_to(**refused, "v1", "Pod"), kName, "FailedScheduling", why, "",
                  std::min(entry.attempts, 1));
}

}  // namespace fakeapi
