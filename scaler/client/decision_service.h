// Asks the optional service that suggests a minimum to tuners and ScalingPolicies: GET
// /api/HorizontalPodAutoscaler?name=ns/name&current-min= &current-instance-count=, answered with
// {"decision":{"minCount":99}}.
//
// Anything but such an answer with status 200 is "no opinion", never 0, unless the question asks for the mistakes of
// the first tuner. Single-threaded.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/http/transport.h"

namespace scaler {

struct DecisionQuestion {
  std::string name;  // "namespace/name" of a tuner's HPA, or of what a ScalingPolicy names as its target
  int current_min = 0;
  int current_count = 0;
  bool status_unchecked = false;  // an answer of any HTTP status counts
  bool garbage_is_zero = false;   // an answer without a minCount is 0
};

class DecisionService {
 public:
  DecisionService(http::Transport& transport, base::Clock& clock, const base::Log& log, base::Metrics& metrics,
                  base::Duration timeout = std::chrono::seconds(10))
      : transport_(transport), clock_(clock), log_(log), metrics_(metrics), timeout_(timeout) {}

  boost::asio::awaitable<std::optional<int>> ask(DecisionQuestion question);

 private:
  http::Transport& transport_;
  base::Clock& clock_;
  const base::Log& log_;
  base::Metrics& metrics_;
  const base::Duration timeout_;
};

}  // namespace scaler
