#include "fake-apiserver/controllers/rolling_update.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>

#include "common/base/number_format.h"

namespace fakeapi::rollout {
namespace {

struct IntOrPercent {
  std::int64_t value = 25;
  bool percent = true;
};

IntOrPercent parse(const Json* field) {
  if (!field) return {};
  if (field->is_number_integer())
    return {.value = std::max<std::int64_t>(0, field->get<std::int64_t>()), .percent = false};
  if (!field->is_string()) return {};
  std::string_view text = field->get_ref<const std::string&>();
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const auto value = base::parse_int64(text);
  if (!value || *value < 0) return {};
  return {.value = *value, .percent = percent};
}

// The share of a deployment's change that falls to one ReplicaSet, before it is bounded by what is left to spread.
std::int64_t fair_change(const Share& share, std::int64_t replicas, std::int64_t surge) {
  if (replicas == 0) return -share.wanted;
  if (share.max_replicas <= 0) return 0;
  const double size = static_cast<double>(share.wanted) * static_cast<double>(replicas + surge) /
                      static_cast<double>(share.max_replicas);
  return std::llround(size) - share.wanted;
}

}  // namespace

Fenceposts resolve(const Json* max_surge, const Json* max_unavailable, std::int64_t replicas) {
  const IntOrPercent surge = parse(max_surge);
  const IntOrPercent unavailable = parse(max_unavailable);
  Fenceposts posts{.surge = surge.percent ? (surge.value * replicas + 99) / 100 : surge.value,
                   .unavailable = unavailable.percent ? unavailable.value * replicas / 100 : unavailable.value};
  if (posts.surge == 0 && posts.unavailable == 0) posts.unavailable = 1;
  posts.unavailable = std::min(posts.unavailable, replicas);
  return posts;
}

std::int64_t grown_size(std::int64_t replicas, std::int64_t total, std::int64_t new_wanted, Fenceposts posts) {
  const std::int64_t most = replicas + posts.surge;
  if (new_wanted >= replicas) return replicas;
  if (total >= most) return new_wanted;
  return new_wanted + std::min(most - total, replicas - new_wanted);
}

std::vector<std::int64_t> shrunk_sizes(std::int64_t replicas, const Sizes& current, const std::vector<Sizes>& old,
                                       Fenceposts posts) {
  std::vector<std::int64_t> sizes;
  std::int64_t total = current.wanted;
  std::int64_t available = current.available;
  for (const Sizes& set : old) {
    sizes.push_back(set.wanted);
    total += set.wanted;
    available += set.available;
  }
  const std::int64_t least = replicas - posts.unavailable;
  std::int64_t may_go = total - least - (current.wanted - current.available);
  if (may_go <= 0) return sizes;

  for (std::size_t i = 0; i < old.size() && may_go > 0; ++i) {
    const std::int64_t gone = std::min(may_go, std::max<std::int64_t>(0, sizes[i] - old[i].available));
    sizes[i] -= gone;
    may_go -= gone;
  }
  std::int64_t available_may_go = available - least;
  for (std::size_t i = 0; i < old.size() && available_may_go > 0; ++i) {
    const std::int64_t gone = std::min(available_may_go, sizes[i]);
    sizes[i] -= gone;
    available_may_go -= gone;
  }
  return sizes;
}

std::vector<std::int64_t> proportional_sizes(std::int64_t replicas, std::int64_t surge,
                                             const std::vector<Share>& shares) {
  const std::int64_t total = std::accumulate(shares.begin(), shares.end(), std::int64_t{0},
                                             [](std::int64_t sum, const Share& share) { return sum + share.wanted; });
  const std::int64_t to_add = (replicas > 0 ? replicas + surge : 0) - total;
  std::int64_t added = 0;
  std::vector<std::int64_t> sizes;
  for (const Share& share : shares) {
    const std::int64_t left = to_add - added;
    std::int64_t change = 0;
    if (share.wanted > 0 && left != 0) {
      const std::int64_t fair = fair_change(share, replicas, surge);
      change = to_add > 0 ? std::min(fair, left) : std::max(fair, left);
    }
    sizes.push_back(share.wanted + change);
    added += change;
  }
  if (!sizes.empty()) sizes.front() = std::max<std::int64_t>(0, sizes.front() + to_add - added);
  return sizes;
}

}  // namespace fakeapi::rollout
