// A load generator for HTTP/1.1 on loopback: N connections, one request under way on each, one thread, epoll.
//
// Deliberately not the project's own transport: it must cost less than the server that it measures. Blocking calls;
// what goes wrong ends the program with a message.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

// The n-th request, as bytes.
using MakeRequest = std::function<std::string(std::uint64_t n)>;

std::string http_request(std::string_view method, std::string_view target, std::string_view body = "");

struct LoadResult {
  double seconds = 0;
  std::uint64_t answers = 0;
  std::uint64_t failures = 0;           // of another status than 2xx
  std::vector<Clock::time_point> sent;  // of the n-th request
  std::vector<float> latency_ms;        // sorted
  double rate() const { return static_cast<double>(answers) / seconds; }
  double percentile_ms(double p) const;
};

// Sends `count` requests over `connections` kept open, as fast as the answers come; `per_second` > 0 paces them.
LoadResult run_load(std::uint16_t port, int connections, std::uint64_t count, const MakeRequest& make,
                    double per_second = 0);

// One request on a connection of its own; the body of the answer.
std::string ask(std::uint16_t port, std::string_view method, std::string_view target, std::string_view body = "");

// Watches that are open and read in a thread of their own until stop().
class Watchers {
 public:
  // Called for each line of the first watch, with the instant of its arrival.
  using OnLine = std::function<void(std::string_view line, Clock::time_point at)>;

  Watchers(std::uint16_t port, int count, const std::string& target, OnLine on_line);
  ~Watchers();
  Watchers(const Watchers&) = delete;
  Watchers& operator=(const Watchers&) = delete;

  // Lines seen by all of them together.
  std::uint64_t lines() const;
  bool wait_for(std::uint64_t lines, std::chrono::seconds patience) const;
  // How many were cut off.
  int lost() const;

 private:
  struct State;
  State* state_;
};

// The server program as a child; it listens on a free port.
class ServerProcess {
 public:
  ServerProcess(const std::string& program, std::vector<std::string> flags);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::uint16_t port() const { return port_; }
  double ready_ms() const { return ready_ms_; }  // from exec to the first 200 of /readyz
  double resident_mb() const;
  double cpu_seconds() const;

 private:
  int pid_ = -1;
  std::uint16_t port_ = 0;
  double ready_ms_ = 0;
};

}  // namespace bench
