#include "scaler/policy/hpa/stabilizer.h"

#include <algorithm>

namespace scaler {

int Stabilizer::highest(base::Time now, base::Duration window, int desired) {
  const base::Time cutoff = now - window;
  int result = desired;
  std::size_t reusable = kNone;
  for (std::size_t i = 0; i < recommendations_.size(); ++i) {
    if (recommendations_[i].at < cutoff) {
      reusable = i;
    } else {
      result = std::max(result, recommendations_[i].replicas);
    }
  }
  remember_holder(result, desired, window);
  record(reusable, {desired, now});
  return result;
}

int Stabilizer::between(base::Time now, base::Duration up_window, base::Duration down_window, int current,
                        int desired) {
  const base::Time up_cutoff = now - up_window;
  const base::Time down_cutoff = now - down_window;
  int lowest = desired;
  int highest = desired;
  std::size_t reusable = kNone;
  for (std::size_t i = 0; i < recommendations_.size(); ++i) {
    const Recommendation& past = recommendations_[i];
    if (past.at > up_cutoff) lowest = std::min(lowest, past.replicas);
    if (past.at > down_cutoff) highest = std::max(highest, past.replicas);
    // One that stands exactly on an edge neither counts nor is reused.
    if (past.at < up_cutoff && past.at < down_cutoff) reusable = i;
  }
  const int result = std::min(std::max(current, lowest), highest);
  remember_holder(result, desired, result < desired ? up_window : down_window);
  record(reusable, {desired, now});
  return result;
}

void Stabilizer::remember_holder(int answer, int desired, base::Duration window) {
  held_until_.reset();
  if (answer == desired) return;
  for (const Recommendation& past : recommendations_) {
    const bool holds = answer < desired ? past.replicas <= answer : past.replicas >= answer;
    if (holds) held_until_ = std::max(held_until_.value_or(past.at + window), past.at + window);
  }
}

void Stabilizer::record(std::size_t reusable, Recommendation recommendation) {
  if (reusable == kNone) {
    recommendations_.push_back(recommendation);
  } else {
    recommendations_[reusable] = recommendation;
  }
}

}  // namespace scaler
