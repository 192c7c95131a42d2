// The distribution of the number of requests in a queue with C workers, as a birth-death chain that is solved in time.
//
// With Poisson arrivals and exponential service it is the M/M/C/K queue itself, transient and all. For other laws the
// steps are as long, and as frequent, as the variance of the flows asks (a diffusion on a lattice). Not thread-safe.
#pragma once

#include <cstddef>
#include <vector>

namespace sim {

class QueueLattice {
 public:
  struct Shape {
    double workers = 1;
    double top = 1;           // requests at which the next is turned away, at least `workers`
    double service_rate = 1;  // of a worker, per second
    // (variance of arrivals + variance of departures) / (2 * mean), while workers are idle and while all are busy
    double dispersion_idle = 1;
    double dispersion_busy = 1;
  };

  explicit QueueLattice(const Shape& shape);

  const Shape& shape() const { return shape_; }
  std::size_t size() const { return at_.size(); }
  // States beyond this are empty.
  std::size_t used() const { return used_; }
  // Requests in the queue and in service in state j.
  double at(std::size_t j) const { return at_[j]; }
  double probability(std::size_t j) const { return now_[j]; }
  // The mean over the last step.
  double mean_probability(std::size_t j) const { return (now_[j] + before_[j]) / 2.0; }
  double mean_held() const;
  double mean_busy() const;

  // Relative rate at which requests are sent to a queue in this state; 1 unless set.
  void set_preference(std::size_t j, double factor) { preference_[j] = factor; }
  double preference(std::size_t j) const { return preference_[j]; }
  // Share of these that joins the work to be done; 1 unless set, 0 at the top.
  void set_acceptance(std::size_t j, double share) { acceptance_[j] = share; }

  // `rate` requests per second for `seconds`. Second order in time (TR-BDF2, Bank et al. 1985), so a slice is one step.
  // False if nothing changes any more, in this step and the one before.
  bool step(double rate, double seconds);
  // Undoes the last step, which must have returned true.
  void step_back();

  // The average over `queues` queues like this one and one that is empty.
  void mix_empty(double queues);
  void empty();
  // Takes over the distribution of another lattice, with its requests times `share_busy` as far as they are in service
  // and times `share_waiting` otherwise.
  void adopt(const QueueLattice& other, double share_busy, double share_waiting);

 private:
  void set_rates(double rate);
  void factorise(double gamma);
  void solve(std::vector<double>& x) const;
  void widen(double rate, double seconds);

  // What the flows of a state are made from.
  struct Spacing {
    double right, left;  // to the neighbours
    double up, down;     // 1 / (right * (right + left)), 1 / (left * (right + left))
    double busy;         // departures per second
    double dispersion;
  };

  Shape shape_;
  std::vector<double> at_;
  std::vector<Spacing> spacing_;
  std::vector<double> now_;
  std::vector<double> before_;
  std::vector<double> preference_;
  std::vector<double> acceptance_;
  std::vector<double> up_, down_;
  std::vector<double> pivot_, below_, above_;  // of the factorised matrix
  std::vector<double> middle_;
  std::size_t used_ = 1;
  double last_rate_ = -1;
  double last_change_ = 1;  // of any probability in the last step
  bool still_ = false;
};

}  // namespace sim
