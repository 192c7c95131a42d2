#include "fake-apiserver/controllers/karpenter.h"

#include <algorithm>
#include <utility>

#include "common/base/number_format.h"
#include "fake-apiserver/controllers/node_pools.h"
#include "fake-apiserver/controllers/node_status.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "karpenter";
constexpr base::Duration kLookPeriod = std::chrono::seconds(10);

bool is_refused(const Pod* pod) {
  if (!pod || !pod->active() || !pod->node.empty()) return false;
  const Json* scheduled = find_condition(*pod->object, "PodScheduled");
  return scheduled && text_at(*scheduled, {"reason"}) == "Unschedulable";
}

}  // namespace

Karpenter::Karpenter(KarpenterOptions options, ObjectStore& store, base::Clock& clock, base::Random random,
                     PodCache& pods, NodeTable& nodes, const PodCounts& counts, const Scheduler& scheduler,
                     EventRecorder& events, base::Metrics& metrics)
    : options_(std::move(options)),
      store_(store),
      clock_(clock),
      random_(random.fork("karpenter")),
      pods_(pods),
      nodes_(nodes),
      counts_(counts),
      scheduler_(scheduler),
      events_(events),
      metrics_(metrics),
      drain_(kName, store, clock, pods, nodes, metrics),
      timers_(clock),
      background_(clock) {
  take_over();
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  looks_.call_after(kLookPeriod, [this] { look(); });
}

// Nodes of before: the next ones are called and addressed after them, and those that were coming up come up.
void Karpenter::take_over() {
  for (const auto& [name, node] : nodes_.all()) {
    if (!field_at(*node.object, {"metadata", "labels", kKarpenterPoolLabel})) continue;
    quiet_since_[name] = clock_.now();
    const auto number = base::parse_int64(name.substr(name.rfind('-') + 1));
    if (!number || *number < 0) continue;
    launched_ = std::max(launched_, static_cast<std::uint64_t>(*number) + 1);
    if (is_new_node(*node.object)) make_ready_later(name, static_cast<std::uint64_t>(*number));
  }
}

// Pods that nothing was done for, as there were too many nodes or one that was to take them has gone, are seen again.
void Karpenter::look() {
  looks_.call_after(kLookPeriod, [this] { look(); });
  std::erase_if(quiet_since_, [this](const auto& node) { return !nodes_.find(node.first); });
  const bool waiting = !scheduler_.unschedulable().empty();
  if (waiting && !batch_began_) provision();
  // Pods that nodes are coming for, or soon will, need what room there is seen as it is.
  if (waiting && (batch_began_ || !on_their_way_.empty())) return;
  if (options_.consolidation && !drain_.busy()) consolidate();
}

void Karpenter::on_pod(const Pod* before, const Pod* after) {
  for (const Pod* pod : {before, after}) {
    if (pod && quiet_since_.contains(pod->node)) quiet_since_[pod->node] = clock_.now();
  }
  if (!is_refused(after) || is_refused(before)) return;
  if (!batch_began_) batch_began_ = clock_.now();
  timers_.cancel(batch_);
  const base::Time due = std::min(clock_.now() + options_.batch_idle, *batch_began_ + options_.batch_max);
  batch_ = timers_.call_at(due, [this] { provision(); });
}

int Karpenter::size() const { return static_cast<int>(quiet_since_.size()) + static_cast<int>(on_their_way_.size()); }

void Karpenter::provision() {
  batch_began_.reset();
  KarpenterBatch batch(options_, nodes_, pods_, counts_, launched_, options_.max_nodes - size(), clock_.now());
  for (const auto& [number, claim] : on_their_way_) batch.expect(number, claim);
  for (const Pod* pod : scheduler_.unschedulable()) batch.place(*pod);
  for (const NodeClaim& claim : batch.claims()) launch(claim);
}

void Karpenter::launch(const NodeClaim& claim) {
  const std::uint64_t number = launched_++;
  on_their_way_[number] = claim;
  metrics_.increment("fakeapi_karpenter_launched_nodes_total", "Nodes that were asked for.",
                     {{"type", options_.types[claim.type].name}});
  const base::Duration delay = options_.registration.draw(random_.fork("registration").fork(number));
  timers_.call_after(delay, [this, number] { register_node(number); });
}

void Karpenter::register_node(std::uint64_t number) {
  const NodeClaim claim = on_their_way_.at(number);
  on_their_way_.erase(number);
  Json object = karpenter_node(options_.types[claim.type], number, claim.zone, clock_.now());
  mark_new_node(object, clock_.now());
  const auto created = store_.create(resources::kNodes, std::move(object));
  if (!created) return;
  const std::string name = name_of(**created).name;
  quiet_since_[name] = clock_.now();
  make_ready_later(name, number);
}

void Karpenter::make_ready_later(const std::string& name, std::uint64_t number) {
  const base::Duration unready = options_.readiness.draw(random_.fork("readiness").fork(number));
  timers_.call_after(unready, [this, name] {
    const auto ready = store_.update(resources::kNodes, ObjectName{"", name}, Part::kAll, [&](Json& node) {
      mark_ready_node(node, clock_.now());
      return base::Result<>{};
    });
    if (!ready) return;
    quiet_since_[name] = clock_.now();
    events_.normal(reference_to(**ready, "v1", "Node"), kName, "NodeReady", "Node " + name + " is ready");
  });
}

// One node at a time: an empty one first, else the one that is used least of those whose pods fit elsewhere.
void Karpenter::consolidate() {
  std::vector<const Node*> quiet;
  for (const auto& [name, since] : quiet_since_) {
    const Node* node = nodes_.find(name);
    if (node->ready && !drain_.rests(name) && clock_.now() >= since + options_.consolidate_after) quiet.push_back(node);
  }
  const auto order = [this](const Node* node) { return std::pair(!is_empty(*node, pods_), utilization(*node)); };
  std::stable_sort(quiet.begin(), quiet.end(), [&](const Node* a, const Node* b) { return order(a) < order(b); });
  Relocation relocation(nodes_, pods_, counts_);
  const auto best =
      std::find_if(quiet.begin(), quiet.end(), [&](const Node* n) { return relocation.fit_elsewhere(*n); });
  if (best != quiet.end()) drain_.begin(std::string((*best)->name));
}

}  // namespace fakeapi
