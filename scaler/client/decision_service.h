// Asks the optional service that suggests a tuner's minimum: GET /api/HorizontalPodAutoscaler?name=ns/name&current-min=
// &current-instance-count=, answered with {"decision":{"minCount":99}}.
//
// Anything but such an answer is "no opinion", never 0. Single-threaded.
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

class DecisionService {
 public:
  DecisionService(http::Transport& transport, base::Clock& clock, const base::Log& log, base::Metrics& metrics,
                  base::Duration timeout = std::chrono::seconds(10))
      : transport_(transport), clock_(clock), log_(log), metrics_(metrics), timeout_(timeout) {}

  boost::asio::awaitable<std::optional<int>> ask(std::string hpa, int current_min, int current_count);

 private:
  http::Transport& transport_;
  base::Clock& clock_;
  const base::Log& log_;
  base::Metrics& metrics_;
  const base::Duration timeout_;
};

}  // namespace scaler
