#include "fake-apiserver/controllers/victim_order.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace fakeapi {
namespace {

// floor(log2(seconds)), -1 for what is younger than a second.
int age_bucket(base::Time since, base::Time now) {
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - since).count();
  return age < 1 ? -1 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(age))) - 1;
}

int neighbours_of(const Pod& pod, const std::map<std::string, int>& neighbours) {
  const auto found = neighbours.find(pod.node);
  return found == neighbours.end() ? 0 : found->second;
}

}  // namespace

void sort_victims(std::vector<const Pod*>& pods, const std::map<std::string, int>& neighbours, base::Time now) {
  std::sort(pods.begin(), pods.end(), [&](const Pod* a, const Pod* b) {
    const auto state = [&](const Pod& pod) {
      return std::tuple(!pod.node.empty(), pod.phase, pod.ready, pod.deletion_cost, -neighbours_of(pod, neighbours));
    };
    if (state(*a) != state(*b)) return state(*a) < state(*b);
    if (a->ready && a->ready_since != b->ready_since) {
      const int a_age = age_bucket(a->ready_since, now);
      const int b_age = age_bucket(b->ready_since, now);
      return a_age != b_age ? a_age < b_age : a->uid < b->uid;
    }
    if (a->restarts != b->restarts) return a->restarts > b->restarts;
    const int a_age = age_bucket(a->created, now);
    const int b_age = age_bucket(b->created, now);
    return a_age != b_age ? a_age < b_age : a->ordinal > b->ordinal;
  });
}

}  // namespace fakeapi
