// Wraps a Transport and makes calls fail as a busy or broken API server does, at chosen rates, places and times.
//
// Every kind of fault of every rule draws from a stream of its own, so that turning one knob leaves the others' dice as
// they fell. Single-threaded, on the clock's executor.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/http/transport.h"

namespace http {

// In the order in which a rule tries them; the first that strikes decides the call.
enum class Fault {
  kLatency,       // added to whatever else happens
  kReset,         // the connection breaks before the request is seen
  kRateLimited,   // 429 with Retry-After
  kInternal,      // 500
  kUnavailable,   // 503
  kConflict,      // 409
  kLostAnswer,    // the request is carried out, but the connection breaks before the answer
  kDroppedStream  // the stream breaks after some lines
};
inline constexpr std::size_t kFaultKinds = 8;

// Which calls to disturb, and how. Probabilities are per call.
struct FaultRule {
  std::string method = {};               // empty: any
  std::string path_prefix = {};          // of the target; empty: any
  std::optional<base::Time> from = {};   // inclusive; none: since ever
  std::optional<base::Time> until = {};  // exclusive; none: for ever

  base::Duration latency{};         // added to each call
  base::Duration latency_spread{};  // and up to so much more, evenly
  double reset_probability = 0;
  double rate_limited_probability = 0;
  base::Duration retry_after = std::chrono::seconds(1);  // told with 429; whole seconds, rounded up
  double internal_probability = 0;
  double unavailable_probability = 0;
  double conflict_probability = 0;
  double lost_answer_probability = 0;
  double dropped_stream_probability = 0;
  std::uint64_t lines_before_drop = 0;
};

class FaultyTransport final : public Transport {
 public:
  // Of several rules that fit a call, each adds its latency, and the first fault that strikes counts. `inner` and
  // `clock` must outlive this object and its calls.
  FaultyTransport(Transport& inner, base::Clock& clock, base::Random random, std::vector<FaultRule> rules);

  boost::asio::awaitable<base::Result<Response>> round_trip(Request request) override;
  boost::asio::awaitable<base::Result<StreamResponse>> open_stream(Request request) override;

  // How often each kind has struck.
  std::uint64_t injected(Fault fault) const { return injected_[static_cast<std::size_t>(fault)]; }

 private:
  struct Dice {
    FaultRule rule;
    std::array<base::Random, kFaultKinds> streams;
  };
  // What befalls one call.
  struct Verdict {
    base::Duration latency{};
    std::optional<Fault> fault;
    base::Duration retry_after{};
    std::uint64_t lines_before_drop = 0;
  };

  Verdict judge(const Request& request, bool streaming);
  void strike(const Dice& dice, Fault fault, Verdict& verdict);
  // The answer or error that takes the place of the call, if one does.
  std::optional<base::Result<Response>> instead_of_call(const Verdict& verdict) const;

  Transport& inner_;
  base::Clock& clock_;
  std::vector<Dice> dice_;
  std::array<std::uint64_t, kFaultKinds> injected_{};
};

}  // namespace http
