#include "sim/mesh/entry_router.h"

#include <algorithm>
#include <numeric>

#include "common/base/check.h"

namespace sim {

EntryRouter::EntryRouter(const Entry& entry) : entry_(entry), order_(entry.routes.size()) {
  CHECK(!entry.routes.empty(), "an entry leads somewhere");
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  if (entry.strategy == Entry::Strategy::kNearest) {
    std::stable_sort(order_.begin(), order_.end(), [&entry](std::size_t a, std::size_t b) {
      return entry.routes[a].round_trip < entry.routes[b].round_trip;
    });
  }
  for (const Route& route : entry.routes) weights_.push_back(route.weight);
  for (const Entry::Shift& shift : entry.shifts) {
    CHECK(shift.weights.size() == entry.routes.size(), "a shift has a weight for each route");
  }
  total_ = std::accumulate(weights_.begin(), weights_.end(), 0.0);
}

std::size_t EntryRouter::pick(const std::vector<ServiceState>& services, std::uint32_t bits, Ticks now) {
  if (order_.size() == 1) return 0;
  if (entry_.strategy == Entry::Strategy::kWeighted) return pick_weighted(bits, now);
  for (const std::size_t i : order_) {
    if (services[entry_.routes[i].service].has_room(entry_.full)) return i;
  }
  for (const std::size_t i : order_) {
    if (services[entry_.routes[i].service].listed > 0) return i;
  }
  return order_.front();
}

std::size_t EntryRouter::pick_weighted(std::uint32_t bits, Ticks now) {
  while (shifts_done_ < entry_.shifts.size() && entry_.shifts[shifts_done_].at <= now) {
    weights_ = entry_.shifts[shifts_done_++].weights;
    total_ = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  }
  double left = (static_cast<double>(bits) + 0.5) * 0x1p-32 * total_;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (!(weights_[i] > 0.0)) continue;
    last = i;
    left -= weights_[i];
    if (left < 0.0) return i;
  }
  return last;
}

}  // namespace sim
