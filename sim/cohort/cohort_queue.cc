#include "sim/cohort/cohort_queue.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sim {
namespace {

using Algorithm = BalancerOptions::Algorithm;

constexpr double kNearlyCertain = 1000.0;  // shape of a gamma variate that hardly varies
constexpr double kLongRow = 32.0;          // departures
constexpr double kMissing = 1e-3;          // of the requests of a slice
constexpr int kParts = 8;                  // of a slice whose queues change quickly
constexpr double kLongestQueue = 3600.0;   // seconds of work, where nothing else bounds it

}  // namespace

CohortQueue::CohortQueue(const EngineOptions& options, const ServiceLaw& law)
    : options_(options),
      law_(law),
      central_(options.balancer.algorithm == Algorithm::kCentralQueue),
      together_(central_ || options.balancer.algorithm == Algorithm::kLeastOutstanding),
      sharing_(options.discipline == Discipline::kProcessorSharing && !central_),
      timeout_(options.client.timeout ? to_seconds(*options.client.timeout) : std::numeric_limits<double>::infinity()) {
}

QueueLattice::Shape CohortQueue::shape(double pods) {
  QueueLattice::Shape s;
  const double queues = together_ ? pods : 1.0;
  s.workers = queues * options_.workers;
  s.service_rate = 1.0 / law_.mean();
  const double longest = sharing_ ? kLongestQueue : std::min(kLongestQueue, timeout_);
  const double room = s.workers * std::max(1.0, longest * s.service_rate);
  s.top = s.workers + (options_.queue_limit ? std::min(room, queues * *options_.queue_limit) : room);

  // Squared coefficient of variation of the gaps at one queue.
  const bool even = options_.arrivals.process == ArrivalOptions::Process::kDeterministic;
  double gaps = even ? 0.0 : 1.0;
  if (options_.balancer.algorithm == Algorithm::kRoundRobin) gaps /= pods;
  if (options_.balancer.algorithm == Algorithm::kRandom) gaps = (1.0 - 1.0 / pods) + gaps / pods;
  regularity_ = options_.balancer.algorithm == Algorithm::kPowerOfTwoChoices ? 0.0 : (1.0 - gaps) / 2.0;
  // Processor sharing does not mind how service times vary; nor does the number of busy workers.
  s.dispersion_idle = (gaps + 1.0) / 2.0;
  s.dispersion_busy = sharing_ ? s.dispersion_idle : (gaps + law_.variation()) / 2.0;
  return s;
}

void CohortQueue::change(std::uint32_t added, std::uint32_t removed) {
  const double before = pods_;
  pods_ = pods_ + added - removed;
  if (pods_ == 0) {
    // What a central queue holds waits for the next pod; other pods take theirs with them.
    if (!central_) lattice_.reset();
    return;
  }
  if (!lattice_) {
    rebuild(1, 1);
  } else if (together_) {
    // A pod that goes takes what it serves along, and its own queue unless that is central.
    const double left = before > 0 ? (before - removed) / before : 1.0;
    rebuild(left, central_ ? 1.0 : left);
  } else {
    for (std::uint32_t i = 0; i < added; ++i) lattice_->mix_empty(std::max(0.0, before - removed + i));
    const QueueLattice::Shape wanted = shape(pods_);
    if (std::abs(wanted.dispersion_idle - lattice_->shape().dispersion_idle) > 0.02) rebuild(1, 1);
  }
}

void CohortQueue::rebuild(double share_busy, double share_waiting) {
  QueueLattice fresh(shape(pods_));
  const double queues = together_ ? pods_ : 1.0;
  limit_binds_ =
      options_.queue_limit && fresh.shape().top >= fresh.shape().workers + queues * *options_.queue_limit - 1e-6;
  if (lattice_) fresh.adopt(*lattice_, share_busy, share_waiting);
  lattice_ = std::move(fresh);
  ++version_;
  const std::size_t n = lattice_->size();
  timed_out_.assign(n, 0.0);
  answered_.assign(n, 0.0);
  if (!std::isfinite(timeout_)) return;
  for (std::size_t j = 0; j < n; ++j) {
    timed_out_[j] = timeout_share(j, false);
    if (!sharing_ && waits(j)) lattice_->set_acceptance(j, 1.0 - timeout_share(j, true));
  }
}

// P(delay >= time-out) or P(response > time-out).
double CohortQueue::timeout_share(std::size_t state, bool in_queue) const {
  const double service = 1.0 - law_.below(timeout_);
  if (!waits(state)) return in_queue ? 0.0 : service;
  const Delays d = delays(state);
  const bool far = !sharing_ && d.back() < timeout_ && law_.below(timeout_ - d.back()) >= 1.0 - 1e-12;
  if (far) return 0.0;
  double share = 0;
  for (std::size_t i = 0; i < d.size(); ++i) {
    const double weight = points_.weights()[i];
    if (sharing_) {
      share += weight * (1.0 - law_.below(timeout_ / (1.0 + d[i] / law_.mean())));
    } else if (in_queue) {
      share += d[i] >= timeout_ ? weight : 0.0;
    } else {
      share += weight * (1.0 - law_.below(timeout_ - d[i]));
    }
  }
  return share;
}

// Departures until the turn of one who comes comes: of any worker, or of those of its pod.
double CohortQueue::turns(std::size_t state) const {
  const QueueLattice::Shape& s = lattice_->shape();
  const double ahead = lattice_->at(state) - s.workers;
  if (!together_ || central_) return std::max(0.0, ahead + std::max(0.25, s.dispersion_busy) - regularity_);
  // Least outstanding: when the pods together hold few more than they have workers, some of them still have one idle;
  // the factor is fitted to the exact engine.
  const double excess = ahead / pods_;
  return (1.0 + excess) * std::min(1.0, 0.25 + 0.75 * excess);
}
double CohortQueue::turn_rate() const {
  const QueueLattice::Shape& s = lattice_->shape();
  return (together_ && !central_ ? options_.workers : s.workers) * s.service_rate;
}

double CohortQueue::mean_delay(std::size_t state) const {
  if (sharing_) {
    // One more among so many on the cores of the pod; the least outstanding one has a core free if any has.
    const double held = lattice_->at(state) / (together_ ? pods_ : 1.0);
    const double with_it = held + (together_ ? 0.5 : 1.0 - regularity_);
    if (together_ && !waits(state)) return 0.0;
    return (std::max(1.0, with_it / options_.workers) - 1.0) * law_.mean();
  }
  return waits(state) ? turns(state) / turn_rate() : 0.0;
}

CohortQueue::Delays CohortQueue::delays(std::size_t state) const {
  Delays out{};
  out.fill(mean_delay(state));
  if (sharing_ || !waits(state)) return out;
  // Departures of one worker vary as service does; of many together, as a Poisson stream.
  const double servers = together_ && !central_ ? options_.workers : lattice_->shape().workers;
  const double variation = std::clamp(1.0 + (law_.variation() - 1.0) / servers, 0.05, 20.0);
  const double gamma = std::max(0.3, turns(state) / variation);
  // Where clients give up before a queue is full, a state stands for the work that was let in, which is known.
  if (gamma > kNearlyCertain || (!limit_binds_ && turns(state) > kLongRow)) return out;
  const Delays shape = points_.at(gamma);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] *= shape[i];
  return out;
}

// With pods at levels independent of each other: the least of d drawn ones (Mitzenmacher 1996).
void CohortQueue::prefer_short_queues() {
  const double d = std::min<double>(options_.balancer.choices, pods_);
  double above = 1.0;  // share of the pods in this state or a longer one
  double power = 1.0;
  for (std::size_t j = 0; j < lattice_->size(); ++j) {
    // Where hardly anybody is, the share says nothing: neutral, so that the step can go there.
    if (j >= lattice_->used() || above < 1e-6) {
      lattice_->set_preference(j, 1.0);
      continue;
    }
    const double here = lattice_->probability(j);
    const double rest = std::max(0.0, above - here);
    const double rest_power = d == 2.0 ? rest * rest : std::pow(rest, d);
    lattice_->set_preference(j, here > 1e-9 ? (power - rest_power) / here : d * std::pow(above, d - 1.0));
    above = rest;
    power = rest_power;
  }
}

CohortQueue::Outcome CohortQueue::step(double attempts, double seconds) {
  Outcome out;
  if (pods_ == 0) {
    out.rejected = 1.0;
    return out;
  }
  const double queues = together_ ? 1.0 : pods_;
  const double rate = attempts / seconds / queues;
  const bool choosy = options_.balancer.algorithm == Algorithm::kPowerOfTwoChoices;
  if (choosy) prefer_short_queues();
  if (!lattice_->step(rate, seconds)) return last_;

  sums_ = {};
  std::fill(answered_.begin(), answered_.end(), 0.0);
  if (choosy && std::abs(sent() - 1.0) > kMissing) {
    // The preferences of the beginning do not last for the whole slice.
    lattice_->step_back();
    for (int i = 0; i < kParts; ++i) {
      if (i > 0) prefer_short_queues();
      lattice_->step(rate, seconds / kParts);
      collect(1.0 / kParts);
    }
  } else {
    collect(1.0);
  }
  for (std::size_t j = 0; j < lattice_->size(); ++j) {
    answered_[j] *= (1.0 - timed_out_[j]) / sums_.found;
  }
  out.timed_out = sums_.timed_out / sums_.found;
  (limit_binds_ ? out.rejected : out.timed_out) += sums_.full / sums_.found;
  out.busy = sums_.busy / (together_ ? pods_ : 1.0);
  out.held = sums_.held * queues;
  last_ = out;
  return out;
}

// As many of the requests as found a queue; more or less than all when preferences have changed under way.
double CohortQueue::sent() const {
  double sum = 0;
  for (std::size_t j = 0; j < lattice_->used(); ++j) sum += lattice_->mean_probability(j) * lattice_->preference(j);
  return sum;
}

void CohortQueue::collect(double part) {
  const std::size_t top = lattice_->size() - 1;
  for (std::size_t j = 0; j < lattice_->used(); ++j) {
    const double found = part * lattice_->mean_probability(j) * lattice_->preference(j);
    sums_.found += found;
    if (j == top) {
      sums_.full += found;
    } else {
      answered_[j] += found;
      sums_.timed_out += found * timed_out_[j];
    }
  }
  sums_.busy += part * lattice_->mean_busy();
  sums_.held += part * lattice_->mean_held();
}

double CohortQueue::held_by_pod() const {
  return lattice_ && pods_ > 0 ? lattice_->mean_held() / (together_ ? pods_ : 1.0) : 0.0;
}
double CohortQueue::busy_of_pod() const {
  return lattice_ && pods_ > 0 ? lattice_->mean_busy() / (together_ ? pods_ : 1.0) : 0.0;
}

std::optional<double> CohortQueue::probe() const {
  if (!lattice_) return 0.0;
  double delay = 0, full = 0;
  for (std::size_t j = 0; j < lattice_->used(); ++j) {
    if (j + 1 == lattice_->size()) {
      full = lattice_->probability(j);
    } else if (waits(j) || sharing_) {
      const Delays d = delays(j);
      for (std::size_t i = 0; i < d.size(); ++i) delay += lattice_->probability(j) * points_.weights()[i] * d[i];
    }
  }
  if (full > 0.5) return std::nullopt;
  return delay / (1.0 - full);
}

}  // namespace sim
