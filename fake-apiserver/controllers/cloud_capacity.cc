#include "fake-apiserver/controllers/cloud_capacity.h"

#include <algorithm>

namespace fakeapi {

void CloudCapacity::extend(base::Time& end, base::Time now, base::Duration duration) {
  const bool for_good = duration <= base::Duration::zero() || duration > base::Time::max() - now;
  end = std::max(end, for_good ? base::Time::max() : now + duration);
}

bool CloudCapacity::covers(const Ends& ends, const std::string& name, base::Time now) {
  const auto found = ends.find(name);
  return found != ends.end() && now < found->second;
}

bool CloudCapacity::refuses(const NodePoolOptions& pool, base::Time now) const {
  if (covers(pools_short_, pool.name, now)) return true;
  return !pool.zones.empty() && std::all_of(pool.zones.begin(), pool.zones.end(),
                                            [&](const std::string& zone) { return zone_is_out(zone, now); });
}

void PoolBackOff::refused(const AutoscalerOptions& options, base::Time now) {
  const bool was_holding = holds(now);
  const bool forgotten = !until_ || now - last_refusal_ > options.node_group_backoff_reset;
  last_refusal_ = now;
  if (was_holding) return;  // one of several requests of the same scan
  length_ = forgotten ? options.initial_node_group_backoff : std::min(2 * length_, options.max_node_group_backoff);
  until_ = now + length_;
}

}  // namespace fakeapi
