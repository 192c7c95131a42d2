// Closed forms of queueing theory, the yardsticks of the request engines. Times are in mean service times (mu = 1)
// unless a function says otherwise; loads are in erlangs. Pure functions.
#pragma once

namespace sim::theory {

// M/M/c with load a < c (Erlang 1917): Wq = C/(c - a). Percentile of the time in the system by bisection of
// latency_tail() of sim/metrics/demand.h.
double mmc_wait(int servers, double load);
double mmc_latency_quantile(int servers, double load, double quantile);
// P(Wq > t) = C e^(-(c-a)t), so the quantile is ln(C/(1-p))/(c-a), or 0.
double mmc_wait_quantile(int servers, double load, double quantile);

// M/G/1 FIFO (Pollaczek 1930, Khinchine 1932): Wq = rho (1 + cv^2) / (2 (1 - rho)).
double mg1_wait(double load, double cv);
// Processor sharing, any law of service (Kleinrock 1976, vol. 2, sec. 4.4): E[T] = 1/(1 - rho).
double sharing_latency(double load);

// M/D/c exactly (Crommelin 1932): the numbers in the system at moments one service time apart are a Markov chain,
// N' = max(N - c, 0) + Poisson(a), whose stationary law is that of any moment. Wq = E[(N - c)+]/a.
double mdc_wait(int servers, double load);

// M/M/c/K, K places in the system, any load: birth and death.
struct Finite {
  double blocked = 0;  // share of the arrivals
  double wait = 0;     // in the queue, of those accepted
};
Finite mmck(int servers, int places, double load);

// Erlang-A, M/M/c+M (Palm 1957; Garnett, Mandelbaum and Reiman 2002): birth and death, down at n > c with rate
// c + (n - c) * impatience.
struct ErlangA {
  double abandoned = 0;    // share of the arrivals
  double wait = 0;         // of all, those who leave too: E[queue]/lambda
  double utilization = 0;  // of the servers
};
ErlangA erlang_a(int servers, double load, double impatience);

// k servers fed in turn from one Poisson stream: E_k/M/1 each (Kleinrock 1975, vol. 1, sec. 6.4): T = 1/(1 - s) with
// s = (k rho/(k rho + 1 - s))^k. For k without end D/M/1: s = e^(-(1-s)/rho).
double round_robin_latency(int servers, double utilization);
double round_robin_limit(double utilization);

// The best of d random queues, servers without end (Mitzenmacher 1996; Vvedenskaya et al. 1996):
// T = sum over i >= 1 of rho^((d^i - d)/(d - 1)).
double power_of_choices_limit(int choices, double utilization);

// M/M/c//N: N users who think exponentially for Z between answers, service times of mean s at c servers. Birth and
// death: up (N - n)/Z, down min(n, c)/s. X is the throughput, R = N/X - Z the mean time to the answer.
struct Closed {
  double response = 0;
  double throughput = 0;
};
Closed closed_system(int users, int servers, double think, double service);

// Fluid queue: q' = load - capacity while q > 0 (Newell 1982, ch. 2), with a load of `base` until 0, which rises in a
// line to `base * factor` at `rise` and stays there, against a capacity of 1. Overloaded for d by a slope r, the
// backlog is r d^2 / 2; it is also the FIFO wait of what arrives then.
struct Ramp {
  double base = 0.7;
  double factor = 5;
  double rise = 120;
  double crossing() const;         // when the load passes the capacity
  double backlog(double t) const;  // work waiting at t, t >= 0
};

}  // namespace sim::theory
