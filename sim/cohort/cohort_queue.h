// The queues behind a balancer as one distribution: which states arrivals find, how long they wait there, what is
// turned away. One lattice for a typical pod, or, where pods share their load at once (central queue, least
// outstanding), one for all of them together. Not thread-safe; owned by a CohortEngine.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/cohort/queue_lattice.h"
#include "sim/cohort/service_law.h"
#include "sim/service/engine_options.h"

namespace sim {

class CohortQueue {
 public:
  // Shares of the attempts of a slice.
  struct Outcome {
    double rejected = 0;
    double timed_out = 0;
    double busy = 0;  // worker time a pod, as a share of the slice
    double held = 0;  // requests, all pods together
  };
  using Delays = std::array<double, GammaPoints::kPoints>;

  CohortQueue(const EngineOptions& options, const ServiceLaw& law);

  std::uint32_t pods() const { return pods_; }
  // So many pods come, so many go. Changes the numbers of the states.
  void change(std::uint32_t added, std::uint32_t removed);
  // Requests that one pod holds, and its busy workers.
  double held_by_pod() const;
  double busy_of_pod() const;

  // `attempts` arrive at all pods together in the time.
  Outcome step(double attempts, double seconds);

  // Of the states after the last step: the share of the attempts that found it and is answered there.
  std::size_t states() const { return lattice_ ? lattice_->used() : 0; }
  double answered(std::size_t state) const { return answered_[state]; }
  // By how much service begins later, or is slower, as a distribution over points.
  bool waits(std::size_t state) const { return lattice_->at(state) >= lattice_->shape().workers - 1e-9; }
  Delays delays(std::size_t state) const;
  double mean_delay(std::size_t state) const;
  // Changes whenever the states get other delays.
  std::uint64_t version() const { return version_; }
  const GammaPoints& points() const { return points_; }

  // Mean delay of one more request at a pod; nullopt if most pods are full.
  std::optional<double> probe() const;

 private:
  QueueLattice::Shape shape(double pods);
  void rebuild(double share_busy, double share_waiting);
  void prefer_short_queues();
  double sent() const;
  void collect(double part);
  double timeout_share(std::size_t state, bool in_queue) const;
  double turns(std::size_t state) const;
  double turn_rate() const;

  const EngineOptions& options_;
  const ServiceLaw& law_;
  const GammaPoints points_;
  const bool central_;
  const bool together_;  // one lattice for all pods
  const bool sharing_;
  const double timeout_;  // seconds; infinite if there is none
  std::uint32_t pods_ = 0;
  double regularity_ = 0;  // requests by which evenly spaced arrivals find fewer than there are on average
  std::uint64_t version_ = 0;
  Outcome last_;
  // Over the parts of a slice.
  struct Sums {
    double found = 0;
    double full = 0;
    double timed_out = 0;
    double busy = 0;
    double held = 0;
  };
  Sums sums_;
  bool limit_binds_ = false;  // else the queue ends where no client waits any longer
  std::optional<QueueLattice> lattice_;
  std::vector<double> timed_out_;  // by state: share of those who find it whose client gives up
  std::vector<double> answered_;
};

}  // namespace sim
