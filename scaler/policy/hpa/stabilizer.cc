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
  record(reusable, {desired, now});
  return std::min(std::max(current, lowest), highest);
}

void Stabilizer::record(std::size_t reusable, Recommendation recommendation) {
  if (reusable == kNone) {
    recommendations_.push_back(recommendation);
  } else {
    recommendations_[reusable] = recommendation;
  }
}

}  // namespace scaler
