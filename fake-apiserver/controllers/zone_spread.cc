#include "fake-apiserver/controllers/zone_spread.h"

namespace fakeapi {
namespace {

void change(SpreadCounts& counts, const std::string& domain, int by) {
  if (domain.empty()) return;
  const auto at = counts.try_emplace(domain, 0).first;
  if ((at->second += by) == 0) counts.erase(at);
}

}  // namespace

ZoneSpread::ZoneSpread(PodCache& pods, const NodeTable& nodes, bool by_host) : nodes_(nodes), by_host_(by_host) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
}

const SpreadCounts* ZoneSpread::counts_for(const Pod& pod) const {
  if (!nodes_.has_zones() || pod.owner_uid.empty()) return nullptr;
  return &of_owner(pod).zones;
}

const SpreadCounts* ZoneSpread::hosts_for(const Pod& pod) const {
  if (!by_host_ || pod.owner_uid.empty()) return nullptr;
  return &of_owner(pod).hosts;
}

const ZoneSpread::Counts& ZoneSpread::of_owner(const Pod& pod) const {
  const auto found = by_owner_.find(pod.owner_uid);
  return found == by_owner_.end() ? none_ : found->second;
}

void ZoneSpread::on_pod(const Pod* before, const Pod* after) {
  if (!by_host_ && !nodes_.has_zones() && places_.empty()) return;
  const bool holds = after && after->active() && !after->node.empty() && !after->owner_uid.empty();
  const std::string& uid = after ? after->uid : before->uid;
  const auto known = places_.find(uid);
  if (holds == (known != places_.end())) return;
  if (holds) {
    const Node* node = nodes_.find(after->node);
    if (!node || (!by_host_ && node->zone.empty())) return;
    const Place place{after->owner_uid, node->zone, by_host_ ? node->name : ""};
    places_[uid] = place;
    count(place, +1);
    return;
  }
  const Place place = known->second;
  places_.erase(known);
  count(place, -1);
}

void ZoneSpread::count(const Place& place, int sign) {
  Counts& counts = by_owner_[place.owner];
  change(counts.zones, place.zone, sign);
  change(counts.hosts, place.node, sign);
  if (counts.zones.empty() && counts.hosts.empty()) by_owner_.erase(place.owner);
}

}  // namespace fakeapi
