#include "fake-apiserver/controllers/planned_room.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "fake-apiserver/controllers/node_status.h"
#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

constexpr std::size_t kMostKinds = 16;  // more are read anew: rules take memory and time with each pod of the plan

bool shuns_others(const Pod& pod) { return field_at(*pod.object, {"spec", "affinity", "podAntiAffinity"}) != nullptr; }

}  // namespace

PlannedRoom::PlannedRoom(const NodeTable& nodes, const PodCache& pods, const PodCounts& counts,
                         std::vector<const Node*> open, std::size_t first)
    : nodes_(nodes),
      pods_(pods),
      counts_(counts),
      there_(open.size()),
      first_(open.empty() ? 0 : first % open.size()),
      demands_(!counts.anti_affinities().empty()) {
  seats_.reserve(open.size());
  for (const Node* node : open) {
    Seat& seat = seats_.emplace_back(Seat{node});
    if (node->ready || !is_new_node(*node->object)) continue;
    own(seat);
    seat.own->ready = true;
    std::erase_if(seat.own->taints, [](const Taint& taint) { return taint.key == "node.kubernetes.io/not-ready"; });
  }
}

void PlannedRoom::own(Seat& seat) {
  if (seat.own) return;
  seat.own = &own_.emplace_back(*seat.node);
  seat.node = seat.own;
}

std::size_t PlannedRoom::add_node(Node node) {
  Node* own = &own_.emplace_back(std::move(node));
  seats_.push_back(Seat{own, own});
  add_to_rules(*own);
  return seats_.size() - 1;
}

const Node* PlannedRoom::add_shadow(Node node) {
  const Node* own = &own_.emplace_back(std::move(node));
  add_to_rules(*own);
  return own;
}

void PlannedRoom::add_to_rules(const Node& node) {
  to_come_.push_back(&node);
  for (Kind& kind : kinds_) {
    if (kind.rules) kind.rules->add_node(node);
  }
}

void PlannedRoom::take_off(const Pod& pod) {
  const Node* node = nodes_.find(pod.node);
  if (!node) return;
  change(pod, *node, -1);
  for (Kind& kind : kinds_) kind.full_up_to = 0;
}

void PlannedRoom::try_without(std::optional<std::size_t> closed, std::size_t first) {
  CHECK(changes_.empty() && there_ > 0 && (!closed || *closed < there_), "a trial begins with what there is");
  closed_ = closed;
  first_ = first % there_;
}

void PlannedRoom::undo() {
  std::vector<Change> changes = std::move(changes_);
  for (auto last = changes.rbegin(); last != changes.rend(); ++last) {
    if (last->own) last->own->requested.add(taken_by(*last->pod), -1);
    for (Kind& kind : kinds_) {
      if (kind.rules) tell(*kind.rules, Change{last->pod, last->node, -last->sign, nullptr});
    }
  }
  changes_.clear();
  closed_.reset();
  for (Kind& kind : kinds_) kind.full_up_to = 0;
}

PlannedRoom::Kind& PlannedRoom::kind_of(const Pod& pod) {
  PlacementRequest request(pod, &counts_.store());
  const auto known =
      std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& k) { return k.request.is_like(request, demands_); });
  if (known != kinds_.end()) {
    kinds_.splice(kinds_.begin(), kinds_, known);
    return kinds_.front();
  }
  if (kinds_.size() >= kMostKinds) kinds_.pop_back();
  Kind& kind = kinds_.emplace_front(std::move(request));
  if (!demands_ && !kind.request.constraints) return kind;
  PlacementRules& rules = kind.rules.emplace(kind.request, nodes_.all(), pods_, counts_);
  for (const Node* node : to_come_) rules.add_node(*node);
  for (const Change& change : changes_) tell(rules, change);
  return kind;
}

bool PlannedRoom::takes(const Kind& kind, const Node& node) const {
  return fits(kind.request, node, nullptr, kind.rules ? &*kind.rules : nullptr);
}

std::optional<std::size_t> PlannedRoom::place(const Pod& pod, Kind& kind) {
  // What had no room for its like has none for it, if nothing that is put elsewhere can change that.
  const bool tightens = !kind.rules || kind.rules->only_tighten();
  for (std::size_t turn = tightens ? kind.full_up_to : 0; turn < seats_.size(); ++turn) {
    const std::size_t at = seat_at(turn);
    if (at == closed_) continue;
    if (!takes(kind, *seats_[at].node)) continue;
    kind.full_up_to = turn;
    put(pod, at);
    return at;
  }
  kind.full_up_to = seats_.size();
  return std::nullopt;
}

void PlannedRoom::put(const Pod& pod, std::size_t place) {
  CHECK(place < seats_.size(), "no such place");
  Seat& seat = seats_[place];
  own(seat);
  seat.own->requested.add(taken_by(pod), +1);
  change(pod, *seat.own, +1, seat.own);
}

void PlannedRoom::change(const Pod& pod, const Node& node, int sign, Node* own) {
  changes_.push_back(Change{&pod, &node, sign, own});
  if (!demands_ && sign > 0 && shuns_others(pod)) {
    demands_ = true;  // from now on there are rules for all
    kinds_.clear();
    return;
  }
  for (Kind& kind : kinds_) {
    if (kind.rules) tell(*kind.rules, changes_.back());
  }
}

void PlannedRoom::tell(PlacementRules& rules, const Change& change) {
  if (change.sign > 0) {
    rules.put(*change.pod, *change.node);
  } else {
    rules.take_off(*change.pod, *change.node);
  }
}

}  // namespace fakeapi
