#include "fake-apiserver/controllers/zone_spread.h"

namespace fakeapi {

ZoneSpread::ZoneSpread(PodCache& pods, const NodeTable& nodes) : nodes_(nodes) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
}

const ZoneCounts* ZoneSpread::counts_for(const Pod& pod) const {
  if (!nodes_.has_zones() || pod.owner_uid.empty()) return nullptr;
  const auto found = by_owner_.find(pod.owner_uid);
  return found == by_owner_.end() ? &none_ : &found->second;
}

void ZoneSpread::on_pod(const Pod* before, const Pod* after) {
  if (!nodes_.has_zones() && places_.empty()) return;
  const bool holds = after && after->active() && !after->node.empty() && !after->owner_uid.empty();
  const std::string& uid = after ? after->uid : before->uid;
  const auto known = places_.find(uid);
  if (holds == (known != places_.end())) return;
  if (holds) {
    const Node* node = nodes_.find(after->node);
    if (!node || node->zone.empty()) return;
    places_[uid] = Place{after->owner_uid, node->zone};
    ++by_owner_[after->owner_uid][node->zone];
    return;
  }
  const Place place = known->second;
  places_.erase(known);
  const auto counts = by_owner_.find(place.owner);
  if (--counts->second[place.zone] == 0) counts->second.erase(place.zone);
  if (counts->second.empty()) by_owner_.erase(counts);
}

}  // namespace fakeapi
