// The horizontal pod autoscaler of the simulated cluster: the scaler's own HPA policies over requests in process, as
// faults disturb them. Single-threaded, on the clock's executor.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "common/http/handler.h"

namespace fakeapi {

class HpaController {
 public:
  // `token` proves to `server` who asks; empty: nobody wants to know. All references must outlive this object.
  HpaController(http::Handler& server, std::string token, base::Clock& clock, base::Random random, const base::Log& log,
                base::Metrics& metrics);
  // stop() must have returned.
  ~HpaController();

  void start();
  boost::asio::awaitable<void> stop();
  // It has listed everything that it needs.
  bool is_ready() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace fakeapi
